// Records DIR: what Bouncy Castle says of each record that `evidence-records` wrote there; name, "accepted" or "refused", and why.
//
// Bouncy Castle looks at the newest chain alone: so it is asked for every beginning of a record, each chain and each time-stamp in
// turn becoming the newest. It follows no path to a root: that the signer's certificate is issued by one of the roots, and held
// when the next time-stamp was made or at the judgement, is asked of its certificates here.

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.tsp.EvidenceRecord;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSData;
import org.bouncycastle.tsp.ers.ERSDataGroup;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.asn1.cms.ContentInfo;

public class Records {
    static final BouncyCastleProvider BC = new BouncyCastleProvider();

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        List<X509CertificateHolder> roots = new ArrayList<>();
        PEMParser pem = new PEMParser(new StringReader(Files.readString(directory.resolve("roots.pem"))));
        for (Object read = pem.readObject(); read != null; read = pem.readObject()) {
            roots.add((X509CertificateHolder) read);
        }
        for (String line : Files.readAllLines(directory.resolve("index.tsv"))) {
            String[] fields = line.split("\t");
            String said;
            try {
                List<ERSData> documents = new ArrayList<>();
                for (int n = 1; n <= Integer.parseInt(fields[3]); n++) {
                    documents.add(new ERSByteData(Files.readAllBytes(directory.resolve(fields[0] + "." + n + ".bin"))));
                }
                byte[] record = Files.readAllBytes(directory.resolve(fields[0] + ".ers"));
                judge(record, documents, roots, Date.from(Instant.parse(fields[2])));
                said = "accepted\t";
            } catch (Exception why) {
                Throwable cause = why.getCause() == null ? why : why.getCause();
                said = "refused\t" + String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
            }
            System.out.println(fields[0] + "\t" + fields[1] + "\t" + said);
        }
    }

    static void judge(byte[] bytes, List<ERSData> documents, List<X509CertificateHolder> roots, Date at) throws Exception {
        EvidenceRecord.getInstance(bytes);
        ASN1Sequence record = ASN1Sequence.getInstance(bytes);
        if (record.getEncoded().length != bytes.length) {
            throw new Exception("bytes after the end");
        }
        ASN1Sequence chains = ASN1Sequence.getInstance(record.getObjectAt(record.size() - 1));
        List<Moment> moments = new ArrayList<>();
        ASN1EncodableVector before = new ASN1EncodableVector();
        for (int c = 0; c < chains.size(); c++) {
            ASN1Sequence chain = ASN1Sequence.getInstance(chains.getObjectAt(c));
            ASN1EncodableVector stamps = new ASN1EncodableVector();
            for (int s = 0; s < chain.size(); s++) {
                stamps.add(chain.getObjectAt(s));
                ASN1EncodableVector all = new ASN1EncodableVector();
                for (int n = 0; n < before.size(); n++) {
                    all.add(before.get(n));
                }
                all.add(new DERSequence(stamps));
                moments.add(beginning(record, new DERSequence(all), documents, roots, at, chain.getObjectAt(s)));
            }
            before.add(chain);
        }
        if (moments.isEmpty()) {
            throw new Exception("no time-stamp");
        }
        for (int n = 0; n < moments.size(); n++) {
            Date next = n + 1 < moments.size() ? moments.get(n + 1).made : at;
            if (moments.get(n).made.after(next)) {
                throw new Exception("older than the one before it");
            }
            if (moments.get(n).signer.getNotAfter().before(next)) {
                throw new Exception("the certificate had ended");
            }
        }
    }

    record Moment(Date made, X509CertificateHolder signer) {}

    static Moment beginning(ASN1Sequence record, DERSequence chains, List<ERSData> documents, List<X509CertificateHolder> roots,
            Date at, Object newest) throws Exception {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        for (int n = 0; n < record.size() - 1; n++) {
            parts.add(record.getObjectAt(n));
        }
        parts.add(chains);
        ERSEvidenceRecord judged = new ERSEvidenceRecord(EvidenceRecord.getInstance(new DERSequence(parts)),
                new JcaDigestCalculatorProviderBuilder().setProvider(BC).build());
        for (ERSData document : documents) {
            judged.validatePresent(document, at);
        }
        X509CertificateHolder signer = judged.getSigningCertificate();
        judged.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider(BC).build(signer));
        boolean issued = false;
        for (X509CertificateHolder root : roots) {
            issued |= root.getSubject().equals(signer.getIssuer())
                    && signer.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider(BC).build(root));
        }
        if (!issued) {
            throw new Exception("no root issued the signer's certificate");
        }
        ASN1Sequence stamp = ASN1Sequence.getInstance(newest);
        ContentInfo token = ContentInfo.getInstance(stamp.getObjectAt(stamp.size() - 1));
        return new Moment(new TimeStampToken(token).getTimeStampInfo().getGenTime(), signer);
    }
}
