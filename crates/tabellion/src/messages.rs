//! Every sentence of the program, French and English side by side. `{name}` is filled in; both sides have the same ones.

mod attest;
mod backup;
mod keys;
mod renew;
mod seda;

/// Key, French, English.
pub type Row = (&'static str, &'static str, &'static str);

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().chain(attest::TABLE).chain(backup::TABLE).chain(keys::TABLE).chain(renew::TABLE).chain(seda::TABLE)
}

/// The table, by subject.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    // The frame of the help.
    ("help.template",
        "{about-with-newline}\nUsage : {usage}\n\n{all-args}{after-help}",
        "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}"),
    ("help.commands", "Commandes", "Commands"),
    ("help.options", "Options", "Options"),
    ("help.help", "Affiche cette aide", "Shows this help"),
    ("help.version", "Affiche la version", "Shows the version"),
    ("help.about",
        "Tabellion conserve ce que les collectivités télétransmettent, avec la preuve que rien n'a changé.",
        "Tabellion keeps what local authorities teletransmit, with the proof that nothing changed."),
    ("help.after",
        "\nCodes de sortie : 0 fait · 1 refusé · 2 commande incomprise · 3 pas encore · 4 fait, avec quelque chose à regarder\n\
         5 fichier illisible ou impossible à écrire · 69 serveur injoignable · 70 défaut interne.\n\
         export-log et monitor : 6 autre journal · 10 bifurcation · 11 retour en arrière · 12 signature · 13 tuiles.\n\
         La preuve se vérifie avec un autre programme : tabellion-verify.\n",
        "\nExit codes: 0 done · 1 refused · 2 command not understood · 3 not yet · 4 done, with something to look at\n\
         5 file unreadable or not writable · 69 server unreachable · 70 internal defect.\n\
         export-log and monitor: 6 another log · 10 fork · 11 rollback · 12 signature · 13 tiles.\n\
         The proof is verified with another program: tabellion-verify.\n"),
    // Options of every command.
    ("help.data", "Répertoire des données du serveur", "Data directory of the server"),
    ("help.url", "Adresse du serveur, http://…", "Address of the server, http://…"),
    ("help.token", "Jeton d'accès", "Access token"),
    ("help.lang", "Langue, sinon celle du système", "Language, else the system's"),
    // Commands.
    ("help.init", "Crée un répertoire de données, ses clés et une autorité d'horodatage de test",
        "Creates a data directory, its keys and a test time-stamping authority"),
    ("help.origin", "Nom du journal, unique et définitif, par exemple archives.exemple.fr/journal",
        "Name of the log, unique and for ever, such as archives.example.org/log"),
    ("help.serve", "Sert un répertoire de données jusqu'à l'arrêt", "Serves a data directory until told to stop"),
    ("help.listen", "Adresse et port d'écoute, sinon ceux de la configuration",
        "Address and port to listen on, else those of the configuration"),
    ("help.seal-every", "Temps entre deux scellements, sinon celui de la configuration",
        "Time between two seals, else that of the configuration"),
    ("help.witnesses", "Politique C2SP tlog-policy qui nomme les témoins à interroger, sinon celle de la configuration",
        "C2SP tlog-policy that names the witnesses to ask, else that of the configuration"),
    ("help.witness", "Un témoin : cosigne les têtes de journaux qui se prolongent", "A witness: cosigns heads of logs that continue"),
    ("help.witness.init", "Crée un témoin et affiche sa clé publique seule", "Makes a witness and prints its public key alone"),
    ("help.witness.serve", "Sert un témoin jusqu'à l'arrêt (C2SP tlog-witness)", "Serves a witness until told to stop (C2SP tlog-witness)"),
    ("help.witness.dir", "Répertoire du témoin", "Directory of the witness"),
    ("help.witness.name", "Nom du témoin, unique et définitif, par exemple commune.exemple.fr/temoin",
        "Name of the witness, unique and for ever, such as town.example.org/witness"),
    ("help.witness.listen", "Adresse et port d'écoute", "Address and port to listen on"),
    ("help.witness.log", "Clé publique d'un journal à suivre (répétable)", "Public key of a log to watch (repeatable)"),
    ("help.witness.policy", "Fichier C2SP tlog-policy dont les lignes log sont suivies aussi",
        "C2SP tlog-policy file whose log lines are watched too"),
    ("help.witness.each", "Connexions à la fois d'une même adresse (8 ; davantage derrière un mandataire)",
        "Connections at once from one address (8; more behind a front)"),
    ("help.tenant", "Les collectivités servies", "The authorities served"),
    ("help.tenant.add", "Ajoute une collectivité et affiche son identifiant seul", "Adds a tenant and prints its id alone"),
    ("help.name", "Nom de la collectivité", "Name of the authority"),
    ("help.siren", "SIREN, 9 chiffres", "SIREN, 9 digits"),
    ("help.siret", "SIRET, 14 chiffres", "SIRET, 14 digits"),
    ("help.token.command", "Les jetons d'accès", "The access tokens"),
    ("help.token.add", "Crée un jeton et affiche son secret seul, une seule fois",
        "Creates a token and prints its secret alone, once"),
    ("help.token.tenant", "Identifiant de la collectivité", "Id of the tenant"),
    ("help.scope", "Droits, parmi deposit,read,seal,admin", "Rights, among deposit,read,seal,admin"),
    ("help.deposit", "Dépose des fichiers, en un seul dépôt", "Deposits files, as one deposit"),
    ("help.kind", "Nature du flux", "Kind of flow"),
    ("help.describe", "Description : du JSON, ou @FICHIER", "Description: JSON, or @FILE"),
    ("help.receipt", "Garde le reçu dans ce fichier", "Keeps the receipt in this file"),
    ("help.records", "Garde dans ce répertoire les enregistrements que couvre le reçu",
        "Keeps in this directory the records the receipt covers"),
    ("help.for-tenant", "Identifiant de la collectivité, pour un jeton qui en couvre plusieurs",
        "Id of the tenant, for a token that covers several"),
    ("help.key", "Clé d'idempotence, sinon tirée du contenu", "Idempotency key, else drawn from the content"),
    ("help.again", "Dépose une nouvelle fois un contenu déjà déposé", "Deposits once more a content already deposited"),
    ("help.format", "Présentation : text ou json", "Presentation: text or json"),
    ("help.files", "Fichiers", "Files"),
    ("help.output", "Fichier à écrire", "File to write"),
    ("help.pack", "Écrit le dossier de preuve d'un dépôt", "Writes the evidence pack of a deposit"),
    ("help.id", "Identifiant du dépôt", "Id of the deposit"),
    ("help.wait", "Attend que le dépôt soit scellé : --wait sealed", "Waits for the deposit to be sealed: --wait sealed"),
    ("help.wait-for", "Attente la plus longue", "Longest wait"),
    ("help.list", "Liste les dépôts", "Lists the deposits"),
    ("help.register", "Écrit le registre : tout le journal d'un service versant, pour prouver que rien ne manque",
        "Writes the register: all of a tenant's log, to prove that nothing is missing"),
    ("help.limit", "Nombre de dépôts à montrer", "Number of deposits to show"),
    ("help.seal", "Les scellements", "The seals"),
    ("help.seal.now", "Scelle sans attendre l'heure", "Seals without waiting for the hour"),
    ("help.policy", "Écrit la politique à épingler pour vérifier hors ligne", "Writes the policy to pin for offline verification"),
    ("help.check", "Lit un flux sans le déposer", "Reads a flow without depositing it"),
    ("help.check.anchors", "Racines PEM des autorités admises pour qui signe les documents", "PEM roots of the authorities accepted for those who sign documents"),
    ("help.export", "Exporte le journal en fichiers statiques, vérifiés, que tout serveur web peut servir",
        "Exports the log as static files, verified, that any web server can serve"),
    ("help.export.directory", "Répertoire à remplir ou à compléter", "Directory to fill or to complete"),
    ("help.export.all", "Relit et vérifie aussi tout ce qui est déjà exporté", "Also reads and verifies all that is exported already"),
    ("help.monitor", "Surveille le journal : sa tête doit être signée et prolonger la dernière vue",
        "Watches the log: its head must be signed and continue the last one seen"),
    ("help.monitor.state", "Fichier où la dernière tête vue est gardée", "File that keeps the last head seen"),
    ("help.monitor.address", "Adresse du journal ou du serveur, sinon --url", "Address of the log or of the server, else --url"),
    ("help.pin.policy", "Politique épinglée : celle de Tabellion, ou une tlog-policy C2SP",
        "Pinned policy: Tabellion's own, or a C2SP tlog-policy"),
    ("help.pin.vkey", "Clé épinglée du journal, nom+empreinte+base64", "Pinned key of the log, name+hash+base64"),
    ("help.quiet", "Ne dit rien quand tout va bien", "Says nothing when all is well"),
    ("help.scrub", "Relit chaque octet du magasin et dit ce qui n'est pas comme il devrait",
        "Reads every byte of the store again and says what is not as it should be"),
    ("help.scrub.head", "Seulement les segments les plus récents et la tête", "The newest segments and the head only"),
    ("help.scrub.all", "Tout (par défaut)", "Everything (the default)"),
    ("help.scrub.deep", "Déchiffre et recalcule aussi chaque document, au lieu de comparer ce qui est stocké à son empreinte",
        "Deciphers and hashes each document too, instead of comparing what is stored with its digest"),
    ("help.scrub.repair", "Remettre depuis une sauvegarde ce qui est abîmé, service arrêté ; rien n'est jeté", "Put back from a backup what is damaged, the service being stopped; nothing is thrown away"),
    ("help.scrub.from", "Lieu des sauvegardes de ce magasin", "Place of this store's backups"),
    ("help.scrub.keys", "Copies du magasin de clés (keys backup)", "Copies of the key store (keys backup)"),
    ("help.scrub.rate", "Octets lus par seconde au plus ; 0 : sans limite", "Bytes read a second at most; 0: no limit"),
    ("help.reindex", "Refait l'index à partir des segments, le compare à l'ancien, et le met à sa place",
        "Makes the index again from the segments, compares it with the old one, and puts it in its place"),
    ("help.clock", "L'horloge de la maison", "The house's clock"),
    ("help.clock.accept", "Accepte une horloge qui a fait un bond et qui est juste", "Accepts a clock that leapt forward and is right"),
    ("help.clock.day", "Le jour qu'il est (UTC), lu sur un calendrier", "The day it is (UTC), read from a calendar"),
    ("said.clock", "Horloge acceptée : {clock} (rang {index} au journal). Les versements reprennent.", "Clock accepted: {clock} (index {index} in the log). Deposits go on."),
    ("said.clock.nothing", "L'horloge n'est pas mise en doute : rien à accepter.", "The clock is not doubted: nothing to accept."),
    ("help.config", "La configuration", "The configuration"),
    ("help.config.check", "Vérifie la configuration d'un répertoire de données", "Checks the configuration of a data directory"),
    // A command line that is refused.
    ("usage.missing", "il manque : {word}", "missing: {word}"),
    ("usage.subcommand", "il manque une commande : {word}", "a command is missing: {word}"),
    ("usage.unknown", "option inconnue : {word}", "unknown option: {word}"),
    ("usage.command", "commande inconnue : {word}", "unknown command: {word}"),
    ("usage.conflict", "{word} ne va pas avec une autre option donnée", "{word} does not go with another option given"),
    ("usage.value", "« {value} » ne convient pas à {word}", "\"{value}\" does not suit {word}"),
    ("usage.other", "commande incomprise : {word}", "command not understood: {word}"),
    ("usage.help", "Voir : tabellion --help", "See: tabellion --help"),
    ("usage.data", "quel répertoire de données ? donner --data ou TABELLION_DATA",
        "which data directory? give --data or TABELLION_DATA"),
    ("usage.url", "quel serveur ? donner --url (TABELLION_URL) ou --data (TABELLION_DATA)",
        "which server? give --url (TABELLION_URL) or --data (TABELLION_DATA)"),
    // What is said when it went well.
    ("said.init", "{data} est prêt ; le journal s'appelle {origin}", "{data} is ready; the log is called {origin}"),
    ("said.config", "La configuration de {data} est comprise.", "The configuration of {data} is understood."),
    ("said.policy", "Politique écrite dans {file}", "Policy written to {file}"),
    ("said.deposit", "Dépôt enregistré : écrit sur disque, inscrit au journal, signé.",
        "Deposit acknowledged: on disk, in the log, signed."),
    ("said.deposit.duplicate", "Contenu déjà déposé : voici le premier reçu.", "Content already deposited: this is its first receipt."),
    ("said.id", "  identifiant      {value}", "  id               {value}"),
    ("said.index", "  rang au journal  {value}", "  index in log     {value}"),
    ("said.sequence", "  rang du déposant {value}", "  sequence         {value}"),
    ("said.status", "  état             {value}", "  status           {value}"),
    ("said.act", "  acte             {value}", "  act              {value}"),
    ("said.finding", "  remarque         {value}", "  finding          {value}"),
    ("said.receipt", "  reçu             {value} octets (--receipt FICHIER pour le garder)",
        "  receipt          {value} bytes (--receipt FILE to keep it)"),
    ("said.receipt.kept", "  reçu             {value}", "  receipt          {value}"),
    ("said.pack", "Dossier de preuve écrit dans {file} ({size} octets) : {status}",
        "Evidence pack written to {file} ({size} bytes): {status}"),
    ("said.register", "Registre écrit dans {file} ({size} octets) ; à vérifier avec : tabellion-verify register",
        "Register written to {file} ({size} bytes); to be verified with: tabellion-verify register"),
    ("said.list.empty", "Aucun dépôt.", "No deposit."),
    ("said.sealed", "  scellé le {time} par l'autorité d'horodatage, lot {batch}", "  sealed on {time} by the time-stamping authority, batch {batch}"),
    ("said.seal", "Lot {batch} scellé le {time}", "Batch {batch} sealed on {time}"),
    ("said.seal.pending", "Lot {batch} en attente : l'autorité d'horodatage n'a pas répondu ({code})",
        "Batch {batch} pending: the time-stamping authority has not answered ({code})"),
    ("help.eliminate", "Éliminer des versements, avec le visa de la direction des archives", "Eliminate deposits, with the visa of the archives' director"),
    ("help.eliminate.propose", "Écrire le bordereau d'élimination à faire viser ; rien n'est détruit", "Write the elimination bordereau to be signed; nothing is destroyed"),
    ("help.eliminate.run", "Exécuter un bordereau visé", "Carry a signed bordereau out"),
    ("help.eliminate.status", "Dire où en est une élimination", "Say how far an elimination is"),
    ("help.eliminate.ids", "Fichier des identifiants, un par ligne", "File of ids, one a line"),
    ("help.eliminate.reason", "Motif : dua ou sort_final", "Reason: dua or sort_final"),
    ("help.eliminate.rule", "Règle appliquée, en clair", "The rule applied, in words"),
    ("help.eliminate.proposal", "Bordereau, tel que proposé", "The bordereau as proposed"),
    ("help.eliminate.visa", "Document visé", "The signed document"),
    ("help.eliminate.role", "Fonction du signataire", "The signatory's office"),
    ("help.eliminate.date", "Date du visa", "Date of the visa"),
    ("help.eliminate.reference", "Référence du visa", "Reference of the visa"),
    ("help.eliminate.digest", "Empreinte du bordereau que le visa nomme", "Digest of the bordereau that the visa names"),
    ("help.eliminate.no-wait", "Ne pas attendre la fin de la destruction", "Do not wait for the end of the destruction"),
    ("help.eliminate.id", "Identifiant de l'élimination", "Id of the elimination"),
    ("said.eliminate.proposed", "Bordereau de {count} entrées, rien n'est détruit. Empreinte à faire viser : {digest}", "Bordereau of {count} entries, nothing is destroyed. Digest to be signed: {digest}"),
    ("said.eliminate.ordered", "Élimination {id} consignée au journal, destruction en cours", "Elimination {id} logged, destruction under way"),
    ("said.eliminate.done", "Élimination {id} : {count} entrées détruites, leurs reçus demeurent", "Elimination {id}: {count} entries destroyed, their receipts remain"),
    ("said.seal.nothing", "Rien à sceller.", "Nothing to seal."),
    ("said.export", "Journal {origin} exporté : {size} feuilles, racine {root} ; {written} fichiers écrits, {kept} déjà là.",
        "Log {origin} exported: {size} leaves, root {root}; {written} files written, {kept} there already."),
    ("said.export.unpinned",
        "attention : ni --policy ni --vkey ; la clé est celle que le serveur publie lui-même, et ne prouve pas qui signe",
        "warning: neither --policy nor --vkey; the key is the one the server itself publishes, and does not prove who signs"),
    ("said.monitor.first", "{origin} : première tête vue, {new} feuilles ; rien à quoi la comparer encore.",
        "{origin}: first head seen, {new} leaves; nothing to compare it with yet."),
    ("said.monitor.unchanged", "{origin} : tête inchangée, {new} feuilles.", "{origin}: head unchanged, {new} leaves."),
    ("said.monitor.grown", "{origin} : de {old} à {new} feuilles, continuité prouvée.",
        "{origin}: from {old} to {new} leaves, continuity proved."),
    ("said.monitor.met", "  témoins {count} sur {total} : quorum atteint", "  witnesses {count} of {total}: quorum met"),
    ("said.monitor.unmet", "  témoins {count} sur {total} : quorum non atteint ; manquent : {missing}",
        "  witnesses {count} of {total}: quorum not met; missing: {missing}"),
    ("said.scrub.finding", "{mark} {message} ({code})", "{mark} {message} ({code})"),
    ("said.scrub.line", "    {name} : {value}", "    {name}: {value}"),
    ("said.scrub.clean", "Magasin sain : {bytes} octets relus, {entries} dépôts, {parts} contenus relus ; {harmless} remarque(s) sans perte.",
        "Store sound: {bytes} bytes read again, {entries} deposits, {parts} contents read again; {harmless} remark(s) without loss."),
    ("said.repair.file", "+ {path} : remis depuis la sauvegarde {name} ; l'ancien est {aside}", "+ {path}: put back from backup {name}; the old one is {aside}"),
    ("said.repair.key", "+ {path} : clé remise depuis sa copie ; l'ancienne est détruite", "+ {path}: key put back from its copy; the old one is destroyed"),
    ("said.repair.left", "! {path} : laissé tel quel ; {message}", "! {path}: left as it is; {message}"),
    ("said.scrub.damage", "DOMMAGE : {damage} défaut(s) ; {bytes} octets relus, {entries} dépôts ; {harmless} remarque(s) sans perte.",
        "DAMAGE: {damage} fault(s); {bytes} bytes read again, {entries} deposits; {harmless} remark(s) without loss."),
    ("said.reindex.equal", "Index refait : {rows} lignes, égales à l'ancien une à une.", "Index made again: {rows} rows, equal to the old one row by row."),
    ("said.reindex.differed", "Index refait : {rows} lignes. L'ancien différait : {missing} manquaient, {extra} étaient en trop, {changed} étaient autres.",
        "Index made again: {rows} rows. The old one differed: {missing} were missing, {extra} were too many, {changed} were others."),
    ("said.reindex.unopened", "Index refait : {rows} lignes. L'ancien ne se lisait pas : {unopened}.",
        "Index made again: {rows} rows. The old one did not read: {unopened}."),
    ("act.1-1", "l'acte", "the act"),
    ("act.1-2", "son accusé de réception", "its acknowledgement (AR)"),
    ("status.logged", "inscrit au journal, pas encore scellé", "logged, not sealed yet"),
    ("status.sealed", "scellé", "sealed"),
    // check
    ("check.accepted", "Accepté ({kind}).", "Accepted ({kind})."),
    ("check.warnings", "Accepté avec avertissements ({kind}).", "Accepted with warnings ({kind})."),
    ("check.refused", "Refusé ({kind}).", "Refused ({kind})."),
    ("check.unreadable", "Illisible ({kind}).", "Unreadable ({kind})."),
    ("check.info", "  note : {message} ({code})", "  note: {message} ({code})"),
    ("check.warning", "  avertissement : {message} ({code})", "  warning: {message} ({code})"),
    ("check.refusal", "  refus : {message} ({code})", "  refusal: {message} ({code})"),
    // What went wrong, and what to do.
    ("fail.line.where", "  où : {value}\n", "  where: {value}\n"),
    ("fail.line.remedy", "  que faire : {value}\n", "  what to do: {value}\n"),
    ("fail.line.code", "  code : {value}\n", "  code: {value}\n"),
    ("fail.not-yet", "la commande « {command} » n'existe pas encore dans cette version",
        "the command \"{command}\" does not exist in this version yet"),
    ("fail.read", "{file} ne se lit pas ({cause})", "{file} cannot be read ({cause})"),
    ("fail.read.remedy", "vérifier le nom et les droits du fichier", "check the name and the permissions of the file"),
    ("fail.write", "{file} ne s'écrit pas ({cause})", "{file} cannot be written ({cause})"),
    ("fail.write.remedy", "vérifier le répertoire, ses droits et la place restante",
        "check the directory, its permissions and the space left"),
    ("fail.answer", "la réponse du serveur ne se comprend pas : {field}", "the server's answer is not understood: {field}"),
    ("fail.answer.remedy", "vérifier que l'adresse est celle d'un Tabellion de même version",
        "check that the address is that of a Tabellion of the same version"),
    ("fail.url", "l'adresse {url} n'est pas en http://", "the address {url} is not http://"),
    ("fail.url.remedy", "cette version parle http seul : passer par la boucle locale ou par un relais TLS",
        "this version speaks http only: use loopback or a TLS front"),
    ("fail.unreachable", "le serveur {url} ne répond pas ({cause})", "the server {url} does not answer ({cause})"),
    ("fail.unreachable.remedy", "vérifier qu'il tourne, puis relancer la commande : rien n'est déposé deux fois",
        "check that it runs, then run the command again: nothing is deposited twice"),
    ("fail.site.remedy", "vérifier l'adresse et que le serveur tourne, puis relancer la commande",
        "check the address and that the server runs, then run the command again"),
    ("fail.pin", "{place} ne dit pas à qui se fier ({why})", "{place} does not say whom to believe ({why})"),
    ("fail.pin.needed", "à qui se fier ? donner --policy ou --vkey", "whom to believe? give --policy or --vkey"),
    ("fail.pin.remedy", "prendre la politique sur place (tabellion policy -o FICHIER) et la comparer à celle publiée ailleurs",
        "take the policy from the house (tabellion policy -o FILE) and compare it with the one published elsewhere"),
    ("fail.head.none", "ce qui est publié n'est pas une tête de journal ({why})", "what is published is no head of a log ({why})"),
    ("fail.head.other", "le journal est « {found} », et non « {pinned} »", "the log is \"{found}\", not \"{pinned}\""),
    ("fail.head.other.remedy", "vérifier l'adresse, ou que la politique est celle de ce journal",
        "check the address, or that the policy is that of this log"),
    ("fail.head.unsigned", "aucune clé épinglée n'a signé la tête publiée", "no pinned key signed the published head"),
    ("fail.head.key-date", "la clé qui a signé la tête publiée est retirée ou compromise", "the key that signed the published head is retired or compromised"),
    ("fail.head.false", "la signature de {key} sous la tête publiée est fausse", "the signature of {key} under the published head is false"),
    ("fail.head.remedy", "ne rien croire de ce serveur ; demander à l'archive si sa clé a changé, par une autre voie",
        "believe nothing of this server; ask the archive whether its key changed, by another way"),
    ("fail.tile.missing", "{tile} manque, alors que la tête signée le couvre", "{tile} is missing, although the signed head covers it"),
    ("fail.tile.missing.remedy", "relancer plus tard ; si cela dure, le journal n'est plus entier : prévenir l'archive",
        "run again later; if it lasts, the log is no longer whole: tell the archive"),
    ("fail.tile.false", "{tile} ne mène pas à la racine signée", "{tile} does not lead to the signed root"),
    ("fail.tiles.false", "les tuiles servies ne mènent pas à la racine signée", "the tiles served do not lead to the signed root"),
    ("fail.tile.remedy", "ne rien croire de ce serveur : ce qu'il sert n'est pas ce qui a été signé ; prévenir l'archive",
        "believe nothing of this server: what it serves is not what was signed; tell the archive"),
    ("fail.fork", "le journal {origin} montre deux histoires : sa tête de {new} feuilles ne prolonge pas celle de {old}",
        "the log {origin} shows two histories: its head of {new} leaves does not continue the one of {old}"),
    ("fail.rollback", "le journal {origin} est revenu en arrière : {old} feuilles la dernière fois, {new} maintenant",
        "the log {origin} went back: {old} leaves last time, {new} now"),
    ("fail.evidence.remedy", "garder ces fichiers : les deux têtes sont signées ; les montrer à l'archive et aux autres surveillants",
        "keep these files: both heads are signed; show them to the archive and to the other monitors"),
    ("fail.evidence.unproved", "garder ces fichiers : la tête est signée, et ses tuiles ne la rattachent pas à la dernière ; relancer plus tard ; si cela dure, prévenir l'archive",
        "keep these files: the head is signed, and its tiles do not tie it to the last one; run again later; if it lasts, tell the archive"),
    ("fail.evidence.full", "attention : {sets} jeux de preuves de cette sorte sont gardés déjà, celui-ci ne l'est pas ; les mettre ailleurs",
        "warning: {sets} sets of evidence of this kind are kept already, this one is not; put them elsewhere"),
    ("fail.export.stopped", "rien n'a été écrit ; garder l'export tel qu'il est, et confirmer avec tabellion monitor",
        "nothing was written; keep the export as it is, and confirm with tabellion monitor"),
    ("fail.export.unreadable", "le checkpoint déjà exporté ne se lit pas", "the checkpoint exported before cannot be read"),
    ("fail.export.remedy", "exporter dans un autre répertoire, et comparer", "export to another directory, and compare"),
    ("fail.untold", "impossible de dire si les deux têtes se suivent", "cannot tell whether the two heads follow each other"),
    ("fail.held", "une autre exécution est en cours ({file})", "another run is under way ({file})"),
    ("fail.held.remedy", "attendre qu'elle finisse", "wait until it ends"),
    ("fail.state", "{file} ne contient pas de tête de journal", "{file} holds no head of a log"),
    ("fail.state.remedy", "reprendre la dernière tête connue d'une sauvegarde ; sans elle, une bifurcation passée ne se verrait pas",
        "take the last known head from a backup; without it a past fork would not be seen"),
    ("fail.served", "{data} est servi", "{data} is being served"),
    ("fail.served.remedy", "arrêter le serveur d'abord", "stop the server first"),
    ("fail.not-running", "aucun serveur ne sert {data}", "no server is serving {data}"),
    ("fail.not-running.remedy", "le démarrer : tabellion serve --data {data}", "start it: tabellion serve --data {data}"),
    ("fail.status", "le serveur a répondu {status}", "the server answered {status}"),
    // What the house refuses.
    ("house.not-empty", "{value} n'est pas vide : donner un nouveau répertoire", "{value} is not empty: name a new directory"),
    ("house.not-initialised", "{value} ne contient pas d'archive : la créer avec tabellion init",
        "{value} holds no archive: make one with tabellion init"),
    ("house.origin", "ce nom de journal ne convient pas ({value})", "this cannot name a log ({value})"),
    ("house.configuration", "la configuration ne convient pas ({value})", "the configuration is refused ({value})"),
    ("house.listen", "impossible d'écouter sur {value}", "cannot listen on {value}"),
    ("house.name", "un nom tient en une ligne de 1 à 256 octets", "a name is one line of 1 to 256 bytes"),
    ("house.one-number", "donner le SIREN ou le SIRET, et un seul", "give exactly one of SIREN and SIRET"),
    ("house.number", "ce SIREN ou SIRET est faux ({value})", "wrong SIREN or SIRET ({value})"),
    ("house.scope", "ce droit n'existe pas ({value})", "there is no such right ({value})"),
    ("house.tenant-exists", "la collectivité {value} a déjà ce numéro", "tenant {value} has this number already"),
    ("house.tenant-unknown", "il n'y a pas de collectivité {value}", "there is no tenant {value}"),
    ("house.stopped", "le journal s'est arrêté ({value}) ; relancer, le démarrage dira pourquoi",
        "the log stopped ({value}); start again, start-up will tell why"),
    ("house.witness-name", "ce nom de témoin ne convient pas ({value})", "this cannot name a witness ({value})"),
    ("house.no-witness", "{value} ne contient pas de témoin : le créer avec tabellion witness init",
        "{value} holds no witness: make one with tabellion witness init"),
    ("house.witness-served", "un autre processus sert déjà le témoin de {value}", "another process serves the witness of {value} already"),
    ("house.witness-state",
        "l'état du témoin est perdu ou abîmé ({value}). Ne pas remettre une copie plus ancienne : un témoin qui oublie pourrait\n\
         cosigner deux histoires. Créer un témoin neuf, avec une clé neuve, et le faire connaître à la place de celui-ci",
        "the state of the witness is lost or damaged ({value}). Do not put an older copy back: a witness that forgets could\n\
         cosign two histories. Make a new witness, with a new key, and have it pinned in place of this one"),
    ("house.witness-stopped", "le témoin ne peut plus garder son état ({value}) ; regarder le disque, puis relancer",
        "the witness can no longer keep its state ({value}); look at the disk, then start again"),
    ("house.key", "cette clé ne convient pas ({value})", "this key is refused ({value})"),
    ("house.store", "le magasin ne s'ouvre pas : {value}", "the store does not open: {value}"),
    ("house.other", "impossible : {value}", "impossible: {value}"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The places to fill, `{name}`; those of the help's frame are clap's.
    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|found| found.0).collect()
    }

    /// Why a table is not sound; empty when it is.
    fn faults<'a>(table: impl IntoIterator<Item = &'a Row>) -> Vec<String> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (key, fr, en) in table {
            if !seen.insert(key) {
                faults.push(format!("{key} stands twice"));
            }
            if fr.trim().is_empty() || en.trim().is_empty() {
                faults.push(format!("{key} lacks a language"));
            }
            if places(fr) != places(en) {
                faults.push(format!("{key} has other places in French than in English"));
            }
        }
        faults
    }

    #[test]
    fn both_languages_have_the_same_keys_and_places() {
        assert_eq!(faults(rows()), Vec::<String>::new());
    }

    #[test]
    fn a_missing_language_place_or_a_double_key_is_found() {
        assert_eq!(faults(&[("a", "un", "")]).len(), 1);
        assert_eq!(faults(&[("a", "un {x}", "one {y}")]).len(), 1);
        assert_eq!(faults(&[("a", "un", "one"), ("a", "un", "one")]).len(), 1);
    }

    fn sources(folder: &Path, out: &mut String) {
        for entry in fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()) {
            if entry.is_dir() && entry.file_name().is_some_and(|name| name == "messages") {
                continue;
            }
            if entry.is_dir() {
                sources(&entry, out);
            } else if entry.file_name().is_some_and(|name| name != "messages.rs") {
                out.push_str(&fs::read_to_string(&entry).expect("source"));
            }
        }
    }

    #[test]
    fn the_table_and_the_code_know_the_same_keys() {
        let mut code = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
        let families: BTreeSet<&str> = rows().filter_map(|row| row.0.split_once('.')).map(|key| key.0).collect();
        let is_key = |word: &&str| {
            let known = word.split_once('.').is_some_and(|(head, tail)| families.contains(head) && !tail.is_empty());
            known && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c))
        };
        let used: BTreeSet<&str> = code.split('"').filter(is_key).collect();
        let known: BTreeSet<&str> = rows().map(|row| row.0).collect();
        assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "used, not in the table");
        assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&&str>::new(), "in the table, never used");
    }
}
