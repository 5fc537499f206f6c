//! The XML of a sample: envelope, message 1-1, acknowledgement 1-2, in ISO-8859-1.

use super::{Envelope, SampleFault};

pub(super) const NAMESPACES: &str = "xmlns:actes=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" \
xmlns:insee=\"http://xml.insee.fr/schema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// One byte a character: the text holds none beyond U+00FF.
pub(super) fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

pub(super) fn declared(encoding: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n")
}

pub(super) fn envelope(sample: &Envelope) -> Vec<u8> {
    let mut siren = sample.authority.siren;
    let mut department = sample.authority.department;
    if sample.has(SampleFault::SirenDiffers) {
        siren = "999999998";
    }
    if sample.has(SampleFault::DepartmentDiffers) {
        department = "030";
    }
    let text = format!(
        "{}<actes:EnveloppeCLMISILL {NAMESPACES}>
 <actes:Emetteur>
  <actes:IDCL insee:SIREN=\"{siren}\" actes:Departement=\"{department}\" actes:Arrondissement=\"3\" actes:Nature=\"31\"/>
  <actes:Referent>
   <actes:Nom>Service inventé des assemblées</actes:Nom>
   <actes:Email>assemblees@example.org</actes:Email>
  </actes:Referent>
 </actes:Emetteur>
 <actes:AdressesRetour>
  <actes:Email>retours@example.org</actes:Email>
 </actes:AdressesRetour>
 <actes:FormulairesEnvoyes>
  <actes:Formulaire>
   <actes:NomFichier>{}</actes:NomFichier>
  </actes:Formulaire>
 </actes:FormulairesEnvoyes>
</actes:EnveloppeCLMISILL>
",
        declared("ISO-8859-1"),
        sample.message_name(),
    );
    latin_1(&text)
}

pub(super) fn message(sample: &Envelope) -> Vec<u8> {
    let mut namespaces = NAMESPACES.to_owned();
    if sample.has(SampleFault::OtherNamespace) {
        namespaces = namespaces.replace("ACTES#v1.1-20040216", "ACTES#v1.4-20040216");
    }
    let encoding = if sample.has(SampleFault::UnknownEncoding) { "x-mac-inconnu" } else { "ISO-8859-1" };
    let doctype = if sample.has(SampleFault::Doctype) { "<!DOCTYPE actes:Acte>\n" } else { "" };
    let body = act(sample, &sample.subject, sample.nature_code);
    let text = format!("{}{doctype}<actes:Acte {namespaces} {body}</actes:Acte>\n", declared(encoding));
    if sample.has(SampleFault::UnknownEncoding) {
        return latin_1(&text.chars().filter(char::is_ascii).collect::<String>());
    }
    if sample.has(SampleFault::SuspectEncoding) {
        return text.replace("</actes:Objet>", " é</actes:Objet>").into_bytes();
    }
    let mut bytes = latin_1(&text);
    if sample.has(SampleFault::Windows1252) {
        // The straight apostrophe and the first hyphen of the subject become those of Windows-1252.
        let start = text.find("<actes:Objet>").unwrap_or(0);
        for b in
            bytes.iter_mut().skip(start).take_while(|b| **b != b'/').filter(|b| matches!(**b, b'\'' | b' ')).take(1)
        {
            *b = 0x92;
        }
    }
    bytes
}

pub(super) fn acknowledgement(sample: &Envelope) -> Vec<u8> {
    let mut id = sample.act_id();
    let mut subject = sample.subject.clone();
    if sample.has(SampleFault::AcknowledgementOfAnother) {
        id = id.replace(&sample.number, "99999");
    }
    if sample.has(SampleFault::AcknowledgementDiffers) {
        subject.push_str(" (autre)");
    }
    let received = format!("{}-{:0>2}", &sample.iso_date()[..7], 28);
    let mut body = act(sample, &subject, sample.nature_code);
    if sample.has(SampleFault::AcknowledgementOfAnother) {
        body = body.replace(&format!("NumeroInterne=\"{}\"", sample.number), "NumeroInterne=\"99999\"");
    }
    let text = format!(
        "{}<actes:ARActe {NAMESPACES} actes:IDActe=\"{id}\" actes:DateReception=\"{received}\">
 <actes:ActeRecu {body}</actes:ActeRecu>
 <actes:ClassificationDateVersionEnCours>2019-01-01</actes:ClassificationDateVersionEnCours>
</actes:ARActe>
",
        declared("ISO-8859-1"),
    );
    latin_1(&text)
}

/// Attributes and content of an act, from inside its start tag to before its end tag.
pub(super) fn act(sample: &Envelope, subject: &str, nature_code: u8) -> String {
    let mut date = sample.iso_date();
    let mut number = sample.number.clone();
    let mut code = nature_code;
    let mut count = 1;
    let mut classification = "2019-01-01";
    let mut objet = format!(" <actes:Objet>{}</actes:Objet>\n", escaped(subject));
    match sample.fault {
        Some(SampleFault::NatureDiffers) => code = code % 6 + 1,
        Some(SampleFault::DateDiffers) => date = "2019-01-02".to_owned(),
        Some(SampleFault::NumberDiffers) => number = "12345".to_owned(),
        Some(SampleFault::DateMalformed) => classification = "01/01/2019",
        Some(SampleFault::SubjectMissing) => objet.clear(),
        Some(SampleFault::AnnexCount) => count = 3,
        Some(SampleFault::CutSubject) => objet = objet.replacen(' ', "", 1).replacen(' ', "<!-- x -->", 1),
        _ => {}
    }
    let prefix = if sample.has(SampleFault::Unqualified) { "" } else { "actes:" };
    format!(
        "{prefix}Date=\"{date}\" actes:NumeroInterne=\"{number}\" actes:CodeNatureActe=\"{code}\">
 <actes:CodeMatiere1 actes:CodeMatiere=\"1\"/>
 <actes:CodeMatiere2 actes:CodeMatiere=\"1\"/>
{objet} <actes:ClassificationDateVersion>{classification}</actes:ClassificationDateVersion>
 <actes:Document>
  <actes:NomFichier>{}</actes:NomFichier>
 </actes:Document>
 <actes:Annexes actes:Nombre=\"{count}\">
  <actes:Annexe>
   <actes:NomFichier>{}</actes:NomFichier>
  </actes:Annexe>
 </actes:Annexes>
 <actes:DocumentPapier>N</actes:DocumentPapier>
",
        sample.act_name(),
        sample.annex_name(),
    )
}
