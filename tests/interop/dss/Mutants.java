import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * `Mutants PACK OTHER DIR`: writes into DIR packs with one fault each, all of them sound as zips, made of a pack of two files or more and of
 * another pack; and `copy.asice`, which is the first pack written again and has no fault.
 */
public class Mutants {
    private final Map<String, byte[]> pack;
    private final Map<String, byte[]> other;
    private final Path directory;

    private Mutants(Map<String, byte[]> pack, Map<String, byte[]> other, Path directory) {
        this.pack = pack;
        this.other = other;
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        new Mutants(read(Path.of(arguments[0])), read(Path.of(arguments[1])), Path.of(arguments[2])).write();
    }

    private void write() throws Exception {
        String first = file(1), second = file(2);
        String record = record(2), manifest = manifest(2);
        write("copy", pack);
        for (String name : new String[] {first, second, "unit/R.json", "unit/E.json", "unit/F/001.json", "unit/F/002.json"}) {
            write("flipped-" + name.replaceAll("[^A-Za-z0-9]+", "-"), with(name, flipped(pack.get(name), pack.get(name).length / 2)));
        }
        byte[] hash = sha256(pack.get(first));
        byte[] changed = flipped(pack.get(first), 0);
        int leaf = find(pack.get(record), hash);
        write("record-hash-flipped", with(record, flipped(pack.get(record), leaf + 7)));
        write("record-signature-flipped", with(record, flipped(pack.get(record), pack.get(record).length - 1)));
        // Another second of the same minute, in the token: tag, length and fourteen digits.
        int time = 0;
        while (pack.get(record)[time] != 0x18 || pack.get(record)[time + 2] != '2' || pack.get(record)[time + 3] != '0') {
            time++;
        }
        write("record-time-changed", with(record, flipped(pack.get(record), time + 15)));
        write("manifest-digest-changed", with(manifest, replaced(pack.get(manifest), base64(hash), base64(sha256(changed)))));
        Map<String, byte[]> agreed = with(first, changed);
        agreed.put(manifest, replaced(pack.get(manifest), base64(hash), base64(sha256(changed))));
        write("file-changed-manifest-agrees", agreed);
        agreed = new LinkedHashMap<>(agreed);
        agreed.put(record, replaced(pack.get(record), hash, sha256(changed)));
        write("file-changed-manifest-and-record-agree", agreed);
        write("records-exchanged", exchanged(record(2), record(3)));
        write("files-exchanged", exchanged(first, second));
        write("record-of-another-pack", with(record, other.get(record)));
        write("file-of-another-pack", with(first, other.values().stream().skip(1).findFirst().orElseThrow()));
        Map<String, byte[]> renamed = without(first);
        renamed.put("files/001-autre", pack.get(first));
        write("file-renamed", renamed);
        write("file-added", with("files/099-ajout.txt", "ajout".getBytes(StandardCharsets.UTF_8)));
        write("file-removed", without(first));
        write("record-removed", without(record));
        write("manifest-removed", without(manifest));
    }

    private String file(int number) {
        String start = String.format("files/%03d-", number);
        return pack.keySet().stream().filter(name -> name.startsWith(start)).findFirst().orElseThrow();
    }

    private static String record(int number) {
        return String.format("META-INF/evidencerecord%03d.ers", number);
    }

    private static String manifest(int number) {
        return String.format("META-INF/ASiCEvidenceRecordManifest%03d.xml", number);
    }

    private Map<String, byte[]> with(String name, byte[] content) {
        Map<String, byte[]> changed = new LinkedHashMap<>(pack);
        changed.put(name, content);
        return changed;
    }

    private Map<String, byte[]> without(String name) {
        Map<String, byte[]> changed = new LinkedHashMap<>(pack);
        changed.remove(name);
        return changed;
    }

    private Map<String, byte[]> exchanged(String one, String two) {
        Map<String, byte[]> changed = with(one, pack.get(two));
        changed.put(two, pack.get(one));
        return changed;
    }

    private static byte[] flipped(byte[] content, int place) {
        byte[] changed = content.clone();
        changed[place] ^= 1;
        return changed;
    }

    private static byte[] replaced(byte[] content, byte[] from, byte[] to) {
        byte[] changed = content.clone();
        System.arraycopy(to, 0, changed, find(content, from), to.length);
        return changed;
    }

    private static int find(byte[] content, byte[] wanted) {
        for (int at = 0; at + wanted.length <= content.length; at++) {
            if (Arrays.equals(content, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new IllegalStateException("what a mutant changes is not there");
    }

    private static byte[] sha256(byte[] content) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(content);
    }

    private static byte[] base64(byte[] content) {
        return Base64.getEncoder().encode(content);
    }

    private static Map<String, byte[]> read(Path path) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                members.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return members;
    }

    private void write(String name, Map<String, byte[]> members) throws IOException {
        try (OutputStream file = Files.newOutputStream(directory.resolve(name + ".asice")); ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                CRC32 sum = new CRC32();
                sum.update(member.getValue());
                ZipEntry entry = new ZipEntry(member.getKey());
                entry.setSize(member.getValue().length);
                entry.setCrc(sum.getValue());
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(member.getValue());
                zip.closeEntry();
            }
        }
    }
}
