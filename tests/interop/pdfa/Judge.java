import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Says of each file named whether it is PDF/A-3a, and by which rules it is not. Exit: 0 all are, 1 one is not. */
public class Judge {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean all = files.length > 0;
        for (String file : files) {
            all &= conforms(file);
        }
        System.exit(all ? 0 : 1);
    }

    private static boolean conforms(String file) throws Exception {
        PDFAFlavour wanted = PDFAFlavour.PDFA_3_A;
        try (FileInputStream in = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(in, wanted)) {
            ValidationResult result = Foundries.defaultInstance().createValidator(wanted, false).validate(parser);
            for (TestAssertion said : result.getTestAssertions()) {
                if (said.getStatus() == TestAssertion.Status.FAILED) {
                    System.out.println(said.getRuleId() + " " + said.getMessage());
                }
            }
            System.out.println(file + ": " + (result.isCompliant() ? "PDF/A-3a" : "not PDF/A-3a")
                    + ", " + result.getTotalAssertions() + " assertions");
            return result.isCompliant();
        }
    }
}
