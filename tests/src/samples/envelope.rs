//! An act as it is sent, of an invented authority: its envelope, message, documents and acknowledgement.

use super::{NamedFile, SampleFault, pdf, tar_gz, xml};

/// An invented authority.
#[derive(Clone, Copy, Debug)]
pub struct Authority {
    /// Its name, which says that it is invented.
    pub name: &'static str,
    /// Nine digits with a right checksum, not attributed to anyone we know of.
    pub siren: &'static str,
    /// Three characters.
    pub department: &'static str,
}

/// The invented authorities.
pub const AUTHORITIES: [Authority; 5] = [
    Authority { name: "Communauté d'agglomération inventée de Valmirande", siren: "243499019", department: "034" },
    Authority { name: "Commune inventée de Saint-Exemple-les-Pins", siren: "213499023", department: "034" },
    Authority { name: "CCAS inventé de Saint-Exemple-les-Pins", siren: "263499030", department: "034" },
    Authority { name: "Commune inventée de Mirevieille", siren: "213499049", department: "034" },
    Authority { name: "Métropole inventée des Trois-Garrigues", siren: "200099059", department: "034" },
];

/// Natures of acts with their CodeNatureActe.
const NATURES: [(&str, u8, &str); 6] = [
    ("CC", 4, "Marché d'entretien des espaces verts - signature de l'avenant n°2"),
    ("DE", 1, "Délibération approuvant le budget supplémentaire de l'exercice"),
    ("AR", 2, "Arrêté réglementant la circulation à l'occasion de la fête de l'été"),
    ("AI", 3, "Arrêté portant délégation de signature à un adjoint"),
    ("BF", 5, "Compte administratif - section de fonctionnement"),
    ("AU", 6, "Procès-verbal de séance"),
];

/// An act as it is sent: envelope, message, act, one annex.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Who sends.
    pub authority: Authority,
    /// YYYYMMDD.
    pub date: String,
    /// Rank of the sending that day.
    pub rank: u64,
    /// NumeroInterne.
    pub number: String,
    /// Two letters.
    pub nature: &'static str,
    /// CodeNatureActe.
    pub nature_code: u8,
    /// Objet.
    pub subject: String,
    pub(super) fault: Option<SampleFault>,
}

impl Envelope {
    /// The act of that seed. Seed 0 has the shape of `034-243400017-20190523-86351-CC`.
    pub fn new(seed: u64) -> Envelope {
        let pick = |n: usize| usize::try_from(seed % n as u64).unwrap_or(0);
        let (nature, nature_code, subject) = NATURES[pick(NATURES.len())];
        Envelope {
            authority: AUTHORITIES[pick(AUTHORITIES.len())],
            date: format!("2019{:02}{:02}", (4 + seed / 28) % 12 + 1, (22 + seed) % 28 + 1),
            // The dates come round after 336 days.
            rank: seed / 336 + 1,
            number: (86_351 + seed).to_string(),
            nature,
            nature_code,
            subject: subject.to_owned(),
            fault: None,
        }
    }

    /// The same act with one thing wrong.
    pub fn with_fault(mut self, fault: SampleFault) -> Envelope {
        self.fault = Some(fault);
        if fault == SampleFault::NumberUnusual {
            self.number = format!("{}.{}", &self.number[..2], &self.number[2..]);
        }
        self
    }

    pub(super) fn has(&self, fault: SampleFault) -> bool {
        self.fault == Some(fault)
    }

    /// `034-243499019-20190523-86351-CC`.
    pub fn act_id(&self) -> String {
        let Authority { department, siren, .. } = self.authority;
        format!("{department}-{siren}-{}-{}-{}", self.date, self.number, self.nature)
    }

    /// YYYY-MM-DD.
    pub fn iso_date(&self) -> String {
        format!("{}-{}-{}", &self.date[..4], &self.date[4..6], &self.date[6..])
    }

    /// `TST-EACT--…tar.gz`.
    pub fn archive_name(&self) -> String {
        let n = self.rank + u64::from(self.has(SampleFault::ArchiveName));
        format!("TST-EACT--{}--{}-{n}.tar.gz", self.authority.siren, self.date)
    }

    /// `EACT--…xml`.
    pub fn envelope_name(&self) -> String {
        format!("EACT--{}--{}-{}.xml", self.authority.siren, self.date, self.rank)
    }

    /// `…-1-1_0.xml`.
    pub fn message_name(&self) -> String {
        format!("{}-1-1_0.xml", self.act_id())
    }

    /// `99_XX-…-1-1_1.pdf`.
    pub fn act_name(&self) -> String {
        format!("99_{}-{}-1-1_1.pdf", self.nature, self.act_id())
    }

    /// `99_XX-…-1-1_2.pdf`.
    pub fn annex_name(&self) -> String {
        format!("99_{}-{}-1-1_2.pdf", self.nature, self.act_id())
    }

    /// `…-1-2_0.xml`.
    pub fn acknowledgement_name(&self) -> String {
        format!("{}-1-2_0.xml", self.act_id())
    }

    /// The envelope, in ISO-8859-1.
    pub fn envelope_xml(&self) -> Vec<u8> {
        xml::envelope(self)
    }

    /// The message 1-1, in ISO-8859-1.
    pub fn message_xml(&self) -> Vec<u8> {
        xml::message(self)
    }

    /// The acknowledgement 1-2, received four days later, in ISO-8859-1.
    pub fn acknowledgement(&self) -> Vec<u8> {
        xml::acknowledgement(self)
    }

    /// The act as a PDF one can open.
    pub fn act_pdf(&self) -> Vec<u8> {
        pdf(&[
            "SPÉCIMEN - document inventé, sans valeur juridique",
            self.authority.name,
            &self.subject,
            &format!("Acte {} du {}", self.number, self.iso_date()),
            "Considérant que cet acte n'existe que pour essayer l'archivage à valeur probante,",
            "l'assemblée décide qu'il sera déposé, horodaté, scellé, puis vérifié par un tiers.",
        ])
    }

    /// The annex as a PDF one can open.
    pub fn annex_pdf(&self) -> Vec<u8> {
        pdf(&[
            "SPÉCIMEN - annexe inventée",
            &format!("Annexe n°1 à l'acte {}", self.act_id()),
            "Détail estimatif : néant.",
        ])
    }

    /// Message, act and annex, loose, in that order.
    pub fn loose_files(&self) -> Vec<NamedFile> {
        let mut act_name = self.act_name();
        if self.has(SampleFault::CodeLost) {
            act_name = act_name[6..].to_owned();
        }
        let mut files = vec![(self.message_name(), self.message_xml()), (act_name, self.act_pdf())];
        if !self.has(SampleFault::AnnexMissing) {
            files.push((self.annex_name(), self.annex_pdf()));
        }
        if self.has(SampleFault::NotDeclared) {
            files.push(("note-interne.pdf".to_owned(), pdf(&["Note que rien n'annonce"])));
        }
        files
    }

    /// The members of the archive, in order.
    pub fn members(&self) -> Vec<NamedFile> {
        let mut files = self.loose_files();
        if !self.has(SampleFault::NoEnvelope) {
            files.insert(0, (self.envelope_name(), self.envelope_xml()));
        }
        if self.has(SampleFault::InDirectory) {
            for (name, _) in &mut files {
                *name = format!("envoi/{name}");
            }
        }
        files
    }

    /// The archive as it is transmitted.
    pub fn archive(&self) -> Vec<u8> {
        tar_gz(&self.members())
    }
}
