// Command vectors judges the conformance vectors for entry, tlog-proof and cosignature without a line of Tabellion:
// signed notes and trees by golang.org/x/mod, the rest by the standard library and what is written here.
//
//	vectors FOLDER
//
// Of each vector it says whether it must be accepted, and of those accepted what was computed from them. It exits 1 when one
// is judged otherwise than the vectors say.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A vector is one case; parts that a family does not have are empty.
type vector struct {
	Name     string
	Fault    *string
	Expected struct {
		Verdict     string
		LeafData    string         `json:"leaf_data"`
		LeafHash    string         `json:"leaf_hash"`
		FilesSHA256 string         `json:"files_sha256"`
		FilesSHA512 string         `json:"files_sha512"`
		Index       int64          `json:"index"`
		Size        int64          `json:"size"`
		Time        uint64         `json:"time"`
		Witnesses   map[string]any `json:"witnesses"`
	}
	Files  []struct{ Name, Text string }
	F      []string
	E, R   string
	Origin string
	Vkey   string
	Proof  string
	// Of R, in tlog-proof vectors: there it is never what fails.
	LeafHash string `json:"leaf_hash"`
	Kind     string
	Note     string
	Policy   string
}

var families = []struct {
	name  string
	judge func(*vector) error
}{
	{"entry", judgeEntry},
	{"tlog-proof", judgeProof},
	{"cosignature", judgeCosignature},
}

// A disagreement is what was computed here and is otherwise in the vector: no reason to refuse, but a fault of one of the two.
type disagreement string

func (d disagreement) Error() string { return string(d) }

func differs(format string, args ...any) error { return disagreement(fmt.Sprintf(format, args...)) }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vectors FOLDER")
		os.Exit(2)
	}
	passed, failed := 0, 0
	for _, family := range families {
		accepted, refused := 0, 0
		for _, v := range read(filepath.Join(os.Args[1], family.name+".json")) {
			err := family.judge(&v)
			var otherwise disagreement
			// Another implementation may not know why it cannot tell: not accepted is what counts.
			switch {
			case errors.As(err, &otherwise) || (err == nil) != (v.Expected.Verdict == "valid"):
				failed++
				fmt.Printf("FAILED: %s %s: expected %s, here %v\n", family.name, v.Name, v.Expected.Verdict, err)
			case err == nil:
				accepted++
			default:
				refused++
			}
		}
		passed += accepted + refused
		fmt.Printf("%s: %d accepted, %d refused, as the vectors say\n", family.name, accepted, refused)
	}
	fmt.Printf("%d passed, %d failed, 0 skipped\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}

func read(path string) []vector {
	data, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var file struct {
		Schema  string
		Vectors []vector
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&file); err != nil || file.Schema != "tabellion-vectors/1" {
		fmt.Fprintf(os.Stderr, "%s: not vectors of this schema: %v\n", path, err)
		os.Exit(2)
	}
	return file.Vectors
}
