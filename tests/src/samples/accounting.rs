//! PES V2 of an invented authority: a file sent to the Treasury, and what it acknowledged of it.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BASE: &str = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0";

/// One bordereau of two pieces with a bill, and its acknowledgement.
#[derive(Clone, Copy, Debug)]
pub struct Accounting {
    seed: u32,
}

impl Accounting {
    /// The sample of this number.
    pub fn new(seed: u32) -> Self {
        Self { seed }
    }

    /// `NomFic`.
    pub fn name(self) -> String {
        format!("PESALR2_21990001500017_261130_{:04}.xml", self.seed)
    }

    fn head(self) -> String {
        format!(
            "<Enveloppe><Parametres><Version V=\"2\"/><TypFic V=\"PESALR2\"/><NomFic V=\"{}\"/></Parametres></Enveloppe><EnTetePES>\
<DteStr V=\"2026-11-30\"/><IdPost V=\"099001\"/><IdColl V=\"21990001500017\"/><CodCol V=\"001\"/><CodBud V=\"00\"/>\
<LibelleColBud V=\"COMMUNE D'ESSAI\"/></EnTetePES>",
            self.name()
        )
    }

    /// The file sent.
    pub fn sent(self) -> Vec<u8> {
        self.sent_with(0, &[])
    }

    /// The same with so many pieces more, of no amount, and these bills more.
    pub fn sent_with(self, more: u32, bills: &[Vec<u8>]) -> Vec<u8> {
        let piece = |number: u32, amount: &str, reference: &str| {
            format!(
                "<Piece><BlocPiece><InfoPce><IdPce V=\"{number}\"/><Obj V=\"Fournitures\"/>{reference}</InfoPce></BlocPiece><LigneDePiece>\
<BlocLignePiece><InfoLignePce><MtHT V=\"{amount}\"/></InfoLignePce></BlocLignePiece></LigneDePiece></Piece>"
            )
        };
        let named = |number: usize| format!("<PJRef><Support V=\"01\"/><IdUnique V=\"PJ{number}\"/></PJRef>");
        let references: String = (1..=bills.len() + 1).map(named).collect();
        let mut pieces = vec![piece(1, "100.00", &references), piece(2, "23.45", "")];
        pieces.extend((0..more).map(|number| piece(number + 3, "0.00", "")));
        let first = super::pdf(&["Facture"]);
        let attached = |(bill, number): (&[u8], usize)| {
            format!(
                "<PJ><Contenu><Fichier MIMEType=\"application/pdf\">{}</Fichier></Contenu><IdUnique V=\"PJ{number}\"/>\
<NomPJ V=\"facture.pdf\"/><Description V=\"Facture\"/></PJ>",
                STANDARD.encode(packed(bill))
            )
        };
        let bills = std::iter::once(first.as_slice()).chain(bills.iter().map(Vec::as_slice));
        let attached: String = bills.zip(1..).map(attached).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><n:PES_Aller xmlns:n=\"{BASE}/aller\">{}<PES_DepenseAller><EnTeteDepense>\
<IdVer V=\"2\"/></EnTeteDepense><Bordereau Id=\"B{seed}\"><BlocBordereau><Exer V=\"2026\"/><IdBord V=\"{seed}\"/><DteBordEm V=\"2026-11-29\"/>\
<TypBord V=\"01\"/><NbrPce V=\"{}\"/><MtBordHT V=\"123.45\"/></BlocBordereau>{}</Bordereau></PES_DepenseAller><PES_PJ><EnTetePES_PJ>\
<IdVer V=\"1\"/></EnTetePES_PJ>{attached}</PES_PJ></n:PES_Aller>",
            self.head(),
            pieces.len(),
            pieces.concat(),
            seed = self.seed,
        )
        .into_bytes()
    }

    /// What the Treasury says of it: everything taken, or the bordereau refused and the bill taken.
    pub fn acknowledged(self, whole: bool) -> Vec<u8> {
        let (state, error) = match whole {
            true => ("1", ""),
            false => ("0", "<Erreur><NumAnoAck V=\"ERREUR_AUTRE\"/><LibelleAnoAck V=\"Compte inconnu\"/></Erreur>"),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><n:PES_ACQUIT xmlns:n=\"{BASE}/retour/v2\">{}<ACQUIT><EnTeteAcquit><IdVer V=\"2\"/>\
</EnTeteAcquit><ElementACQUIT><DomaineAck V=\"5\"/><EtatAck V=\"{state}\"/><NumBord V=\"{}\"/><ExerciceBord V=\"2026\"/>{error}\
</ElementACQUIT><ElementACQUIT><DomaineAck V=\"4\"/><EtatAck V=\"1\"/><IdUnique V=\"PJ1\"/></ElementACQUIT></ACQUIT></n:PES_ACQUIT>",
            self.head(),
            self.seed,
        )
        .into_bytes()
    }
}

/// As a PES carries documents.
fn packed(document: &[u8]) -> Vec<u8> {
    let mut packer = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    packer.write_all(document).and_then(|()| packer.finish()).unwrap_or_default()
}
