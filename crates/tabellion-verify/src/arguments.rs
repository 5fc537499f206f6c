//! What can be asked of the program.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Dit si un dossier de preuve contient bien le fichier déposé, depuis quand au plus tard, et qui s'en porte garant. Sans réseau.
/// Says whether an evidence pack holds the file deposited, since when at the latest, and who vouches. Offline.
///
/// Codes de sortie / exit codes: 0 PASSED-TIMESTAMPED, PASSED-QUALIFIED · 1 altéré ou faux / altered or false · 2 usage · 3 indéterminé / cannot tell
/// · 4 avec réserves / with reservations · 5 illisible / unreadable · 6 autre journal ou service / another log or tenant · 70 interne.
#[derive(Parser)]
#[command(name = "tabellion-verify", version)]
pub struct Arguments {
    /// Dossier de preuve (.asice) / evidence pack
    pub pack: Option<PathBuf>,
    /// Certificats racines, au lieu d'une politique : le conteneur ASiC est jugé par ses enregistrements de preuve seuls / root
    /// certificates instead of a policy: the ASiC container is judged by its evidence records alone
    #[arg(long, conflicts_with = "policy")]
    pub trust: Option<PathBuf>,
    #[command(flatten)]
    pub judging: Judging,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How to judge, and how to say it.
#[derive(Args)]
pub struct Judging {
    /// Politique de confiance, obtenue ailleurs que dans le dossier / trust policy, from elsewhere than the pack
    #[arg(long, global = true)]
    pub policy: Option<PathBuf>,
    /// Moment du jugement, RFC 3339 (par défaut : maintenant) / moment of judgement (default: now)
    #[arg(long, global = true, value_name = "TIME")]
    pub at: Option<String>,
    /// text | json
    #[arg(long, global = true, value_parser = ["text", "json"])]
    pub format: Option<String>,
    /// Langue / language
    #[arg(long, global = true, value_parser = ["fr", "en"])]
    pub lang: Option<String>,
    /// Listes de confiance (celle des listes, et celle de l'État membre) ; elles s'ajoutent à celles que le dossier apporte, la plus récente
    /// compte. Elles disent si l'horodatage est qualifié / trusted lists, the list of the lists among them, beside those that the pack
    /// brings: whether the time-stamp is a qualified one
    #[arg(long, global = true, value_name = "FILE", num_args = 1..)]
    pub trusted_list: Vec<PathBuf>,
    /// Certificats de qui peut signer la liste des listes (Journal officiel de l'UE), jamais pris dans le dossier / certificates of who may sign
    /// the list of the lists, never from the pack
    #[arg(long, global = true, value_name = "PEM", num_args = 1..)]
    pub lotl_anchor: Vec<PathBuf>,
    /// Sortie 4 au moindre avertissement / exit 4 on any warning
    #[arg(long, global = true)]
    pub strict: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Un récépissé, ses enregistrements, et des fichiers à comparer / a receipt, its records, files to compare
    Receipt(Receipt),
    /// Un jeton d'horodatage RFC 3161 sur un fichier / a time-stamp token over a file
    Timestamp(Timestamp),
    /// Un enregistrement de preuve, RFC 4998 ou XML (RFC 6283), renouvelé ou non / an evidence record, renewed or not
    EvidenceRecord {
        record: PathBuf,
        /// Fichiers couverts : un seul, ou plusieurs d'un même groupe / files covered: one, or several of one group
        #[arg(long, num_args = 1.., required_unless_present = "digest")]
        data: Vec<PathBuf>,
        /// ALG:HEX, au lieu d'un fichier / instead of a file
        #[arg(long, num_args = 1..)]
        digest: Vec<String>,
        /// Certificats racines, fichier PEM ou répertoire ; sans eux, rien n'est conclu / root certificates, PEM file or directory;
        /// without them nothing is concluded
        #[arg(long)]
        trust: Option<PathBuf>,
    },
    /// Montre un fichier sans le juger / shows a file without judging it
    Inspect { file: PathBuf },
    /// Un registre : rien ne manque jusqu'au scellement ; des récépissés à y chercher / a register, receipts to look for in it
    Register {
        file: PathBuf,
        /// Récépissé à chercher, ou réponse JSON entière du dépôt / receipt to look for, or the whole JSON answer
        #[arg(long)]
        receipt: Vec<PathBuf>,
        /// R.json de chaque récépissé, dans l'ordre / R.json of each receipt, in order
        #[arg(long)]
        record: Vec<PathBuf>,
    },
    /// Une archive de sécurisation de Vitam (V1) / a securing archive of Vitam (V1)
    Vitam {
        /// Archive (.zip)
        file: PathBuf,
        /// Certificats racines de l'autorité d'horodatage, fichier PEM ou répertoire ; sans eux, rien n'est conclu / root certificates
        /// of the time-stamping authority, PEM file or directory; without them nothing is concluded
        #[arg(long)]
        trust: Option<PathBuf>,
        /// Archives antérieures dont le jeton est couvert, la plus récente d'abord / earlier archives whose token is covered, latest first
        #[arg(long, num_args = 1..)]
        previous: Vec<PathBuf>,
    },
}

#[derive(Args)]
pub struct Timestamp {
    /// Jeton ou réponse entière (.tst, .tsr), DER, BER ou PEM / token or whole response
    pub token: PathBuf,
    /// Fichier horodaté / the file stamped
    #[arg(long, required_unless_present = "digest", conflicts_with = "digest")]
    pub data: Option<PathBuf>,
    /// ALG:HEX, au lieu du fichier / instead of the file
    #[arg(long)]
    pub digest: Option<String>,
    /// Certificats racines, fichier PEM ou répertoire ; sans eux, rien n'est conclu / root certificates; without them nothing is concluded
    #[arg(long)]
    pub trust: Option<PathBuf>,
    /// Certificats qui aident à trouver le chemin, sans rien ajouter à la confiance / certificates that help, and add no trust
    #[arg(long)]
    pub certificates: Option<PathBuf>,
    /// Listes de révocation (CRL) ou réponses OCSP, DER ou PEM / lists of revoked certificates or OCSP responses
    #[arg(long, num_args = 1..)]
    pub revocation: Vec<PathBuf>,
    /// Tolère une extension EKU non critique (jetons d'autrui) / lets a non-critical EKU through
    #[arg(long)]
    pub accept_eku_not_critical: bool,
    /// Laisse passer, en les nommant, les algorithmes trop faibles aujourd'hui / lets algorithms too weak today through, by name
    #[arg(long)]
    pub accept_weak: bool,
}

#[derive(Args)]
pub struct Receipt {
    /// Récépissé, ou réponse JSON entière du dépôt / receipt, or the whole JSON answer to the deposit
    pub receipt: PathBuf,
    /// R.json, ou réponse JSON entière / R.json, or the whole JSON answer
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// E.json
    #[arg(long)]
    pub entry: Option<PathBuf>,
    /// F.json, autant que de fichiers / one a file
    #[arg(long, num_args = 1..)]
    pub file_record: Vec<PathBuf>,
    /// Fichiers à comparer / files to compare
    #[arg(long, num_args = 1..)]
    pub data: Vec<PathBuf>,
}
