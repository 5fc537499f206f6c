import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.EvidenceRecordWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlDigestMatcher;
import eu.europa.esig.dss.enumerations.ASiCContainerType;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.evidencerecord.asn1.validation.ASN1EvidenceRecordValidator;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What DSS says, offline, by the roots given and by nothing else: `Judge packs POLICY ROOTS PACK...`, one line a pack (its name,
 * "accepted" or "refused", why); `Judge sheets POLICY ROOTS SHEET...`, the same of signed PDFs; `Judge records POLICY DIR`, one line a
 * record that `evidence-records` wrote there (its name, its fault, "accepted" or "refused", why).
 *
 * Accepted is: every evidence record PASSED, every time-stamp in it PASSED, and every object given, or every file of the container
 * outside META-INF, found intact by a record.
 */
public class Judge {
    private final File policy;
    private final CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();

    private Judge(String policy, Path roots) throws Exception {
        this.policy = new File(policy);
        try (InputStream pem = Files.newInputStream(roots)) {
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                this.roots.addCertificate(new CertificateToken((X509Certificate) root));
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        boolean sheets = arguments[0].equals("sheets");
        if (sheets || arguments[0].equals("packs")) {
            Judge judge = new Judge(arguments[1], Path.of(arguments[2]));
            for (int n = 3; n < arguments.length; n++) {
                Path file = Path.of(arguments[n]);
                System.out.println(file.getFileName() + "\t" + said(() -> sheets ? judge.sheet(file) : judge.pack(file)));
            }
        } else {
            Path directory = Path.of(arguments[2]);
            Judge judge = new Judge(arguments[1], directory.resolve("roots.pem"));
            for (String line : Files.readAllLines(directory.resolve("index.tsv"))) {
                String[] fields = line.split("\t");
                System.out.println(fields[0] + "\t" + fields[1] + "\t" + said(() -> judge.record(directory, fields)));
            }
        }
    }

    private interface Judgement {
        String reason() throws Exception;
    }

    /** A reason begins with "accepted" or it is one to refuse; so is whatever DSS throws. */
    private static String said(Judgement judgement) {
        String reason;
        try {
            reason = judgement.reason();
        } catch (Exception why) {
            reason = why.getClass().getSimpleName() + ": " + why.getMessage();
        }
        reason = reason.replaceAll("\\s+", " ");
        return reason.startsWith("accepted ") ? reason.replaceFirst(" ", "\t") : "refused\t" + reason;
    }

    private String pack(Path path) throws Exception {
        Set<String> files = new HashSet<>();
        int records = 0;
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String name = entry.getName();
                records += name.matches("META-INF/evidencerecord[0-9]+\\.ers") ? 1 : 0;
                if (!name.startsWith("META-INF/") && !name.equals("mimetype")) {
                    files.add(name);
                }
            }
        }
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(path.toFile()));
        Reports reports = reports(validator, new Date());
        ASiCContainerType type = reports.getDiagnosticData().getContainerType();
        if (type != ASiCContainerType.ASiC_E) {
            return "the container is " + type;
        }
        return judged(reports, files, records);
    }

    /** A sheet: one signature, of a baseline level, by the rules that DSS has for anybody. */
    private String sheet(Path path) throws Exception {
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(path.toFile()));
        prepare(validator, new Date());
        SimpleReport said = validator.validateDocument().getSimpleReport();
        List<String> signatures = said.getSignatureIdList();
        if (signatures.size() != 1) {
            return signatures.size() + " signatures";
        }
        String id = signatures.get(0);
        if (said.getIndication(id) != Indication.TOTAL_PASSED) {
            return reason(said, "the signature, " + said.getSignatureFormat(id) + ",", id);
        }
        return "accepted " + said.getSignatureFormat(id);
    }

    private String record(Path directory, String[] fields) throws Exception {
        List<DSSDocument> documents = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int n = 1; n <= Integer.parseInt(fields[3]); n++) {
            documents.add(new FileDocument(directory.resolve(fields[0] + "." + n + ".bin").toFile()));
            names.add(documents.get(n - 1).getName());
        }
        DSSDocument record = new FileDocument(directory.resolve(fields[0] + ".ers").toFile());
        ASN1EvidenceRecordValidator validator = new ASN1EvidenceRecordValidator(record);
        validator.setDetachedContents(documents);
        return judged(reports(validator, Date.from(Instant.parse(fields[2]))), names, 1);
    }

    private Reports reports(SignedDocumentValidator validator, Date at) {
        prepare(validator, at);
        return validator.validateDocument(policy);
    }

    /** No source of anything on the network. */
    private void prepare(SignedDocumentValidator validator, Date at) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
        verifier.setTrustedCertSources(roots);
        verifier.setAIASource(null);
        verifier.setCrlSource(null);
        verifier.setOcspSource(null);
        validator.setCertificateVerifier(verifier);
        validator.setValidationTime(at);
    }

    private static String judged(Reports reports, Set<String> objects, int records) {
        DiagnosticData found = reports.getDiagnosticData();
        SimpleReport said = reports.getSimpleReport();
        if (records == 0 || found.getEvidenceRecords().size() != records) {
            return found.getEvidenceRecords().size() + " evidence records found of " + records;
        }
        Set<String> uncovered = new HashSet<>(objects);
        int stamps = 0;
        Date since = null;
        for (EvidenceRecordWrapper record : found.getEvidenceRecords()) {
            for (TimestampWrapper stamp : record.getTimestampList()) {
                stamps++;
                if (!passed(said, stamp.getId())) {
                    return reason(said, "a time-stamp", stamp.getId()) + "; " + reason(said, "its record", record.getId());
                }
            }
            if (!passed(said, record.getId())) {
                return reason(said, "a record", record.getId());
            }
            for (XmlDigestMatcher matcher : record.getDigestMatchers()) {
                if (matcher.isDataFound() && matcher.isDataIntact()) {
                    uncovered.remove(matcher.getDocumentName());
                }
            }
            since = said.getEvidenceRecordPOE(record.getId());
        }
        if (stamps < records) {
            return "a record without a time-stamp";
        }
        if (!uncovered.isEmpty()) {
            return "nothing covers " + String.join(", ", uncovered);
        }
        return "accepted " + records + " records, " + stamps + " time-stamps PASSED, " + objects.size() + " objects, since " + since.toInstant();
    }

    private static boolean passed(SimpleReport said, String id) {
        return said.getIndication(id) == Indication.PASSED;
    }

    private static String reason(SimpleReport said, String what, String id) {
        String errors = said.getAdESValidationErrors(id).stream().map(error -> error.getValue()).collect(Collectors.joining(" / "));
        String sub = said.getSubIndication(id) == null ? "" : "/" + said.getSubIndication(id);
        return what + " is " + said.getIndication(id) + sub + " (" + errors + ")";
    }
}
