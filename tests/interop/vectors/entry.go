package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// judgeEntry ties files to F, F to E, E to R, and R to its leaf.
func judgeEntry(v *vector) error {
	r, err := readRecord(v.R, map[string]string{
		"id": id, "tenant": id, "sequence": integer, "previous": "^(null|" + digest256 + ")$", "received_at": moment,
		"kind": kind, "entry_sha256": digest256, "entry_sha512": digest512,
	})
	if err != nil {
		return fmt.Errorf("R: %w", err)
	}
	e, err := readRecord(v.E, map[string]string{
		"kind": kind, "facts": `^\{`, "findings": `^\[`, "file_count": integer, "files_sha256": digest256,
		"files_sha512": digest512,
	})
	if err != nil {
		return fmt.Errorf("E: %w", err)
	}
	short, long := sha256.Sum256([]byte(v.E)), sha512.Sum512([]byte(v.E))
	if r.text("entry_sha256") != hex.EncodeToString(short[:]) || r.text("entry_sha512") != hex.EncodeToString(long[:]) {
		return errors.New("E is not the one R names")
	}
	if r.text("kind") != e.text("kind") {
		return errors.New("E and R are of two kinds")
	}
	if err := judgeFiles(v, e); err != nil {
		return err
	}
	return computed(v, e)
}

func judgeFiles(v *vector, e record) error {
	if e.raw("file_count") != strconv.Itoa(len(v.F)) {
		return errors.New("E counts other files")
	}
	leaves := make([][]byte, 0, len(v.F))
	known := map[string]bool{}
	for i, text := range v.F {
		f, err := readRecord(text, map[string]string{
			"number": integer, "parent": "^(null|" + integer + ")$", "name": "^\"", "size": integer, "sha256": digest256,
			"sha512": digest512, "media_type": "^\"",
		})
		if err != nil {
			return fmt.Errorf("F %d: %w", i+1, err)
		}
		if f.raw("number") != strconv.Itoa(i+1) {
			return fmt.Errorf("F %d is numbered %s", i+1, f.raw("number"))
		}
		leaves = append(leaves, []byte(text))
		known[f.raw("size")+f.text("sha256")+f.text("sha512")] = true
	}
	for _, file := range v.Files {
		short, long := sha256.Sum256([]byte(file.Text)), sha512.Sum512([]byte(file.Text))
		measured := strconv.Itoa(len(file.Text)) + hex.EncodeToString(short[:]) + hex.EncodeToString(long[:])
		if !known[measured] {
			return fmt.Errorf("%s is not of the entry", file.Name)
		}
	}
	if root(sha256.New, leaves) != e.text("files_sha256") || root(sha512.New, leaves) != e.text("files_sha512") {
		return errors.New("the Fs do not give the roots of E")
	}
	return nil
}

// computed holds what the vector says was computed against what is computed here.
func computed(v *vector, e record) error {
	leaf := leafData(v.R)
	leafHash := tlog.RecordHash(leaf)
	x := v.Expected
	if v.Fault == nil && (x.LeafData != hex.EncodeToString(leaf) || x.LeafHash != hex.EncodeToString(leafHash[:]) ||
		x.FilesSHA256 != e.text("files_sha256") || x.FilesSHA512 != e.text("files_sha512")) {
		return differs("computed otherwise than the vector says")
	}
	return nil
}

// leafData is what the log hashes of an entry: two bytes of type, both digests of R.
func leafData(r string) []byte {
	short, long := sha256.Sum256([]byte(r)), sha512.Sum512([]byte(r))
	return slices.Concat([]byte{1, 1}, short[:], long[:])
}

// root is the Merkle tree hash of RFC 9162 section 2.1.1, as it is defined there.
func root(algorithm func() hash.Hash, leaves [][]byte) string {
	return hex.EncodeToString(treeHash(algorithm, leaves))
}

func treeHash(algorithm func() hash.Hash, leaves [][]byte) []byte {
	h := algorithm()
	switch n := len(leaves); n {
	case 0:
	case 1:
		h.Write(append([]byte{0}, leaves[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		left, right := treeHash(algorithm, leaves[:k]), treeHash(algorithm, leaves[k:])
		h.Write(slices.Concat([]byte{1}, left, right))
	}
	return h.Sum(nil)
}

const (
	integer   = `^[0-9]+$`
	digest256 = `^"[0-9a-f]{64}"$`
	digest512 = `^"[0-9a-f]{128}"$`
	id        = `^"[a-z2-7]{25}[aeimquy4]"$`
	moment    = `^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$`
	kind      = `^"(deposit|elimination|journal|administration|conversion)"$`
)

// A record is an object whose members are kept as written.
type record map[string]json.RawMessage

func (r record) raw(name string) string { return string(r[name]) }

func (r record) text(name string) (s string) {
	_ = json.Unmarshal(r[name], &s)
	return s
}

// readRecord takes the canonical bytes of a record of version 1 with fields of these shapes, and nothing else.
func readRecord(text string, shapes map[string]string) (record, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	// What follows the value, white space included, shows in the comparison.
	if written, err := canonical(nil, value); err != nil || string(written) != text {
		return nil, fmt.Errorf("not canonical (%v)", err)
	}
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil || r == nil {
		return nil, errors.New("no object")
	}
	if r.raw("version") != "1" {
		return nil, fmt.Errorf("version %q", r.raw("version"))
	}
	shapes["salt"] = digest256
	for name, shape := range shapes {
		// An alternative holds its own anchors.
		if !regexp.MustCompile(shape).MatchString(r.raw(name)) {
			return nil, fmt.Errorf("field %s", name)
		}
	}
	if at, ok := shapes["received_at"]; ok && at != "" {
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", r.text("received_at")); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// canonical writes a value as RFC 8785 does, narrowed to keys of ASCII and integers within 2^53 - 1.
func canonical(out []byte, value any) ([]byte, error) {
	var err error
	switch value := value.(type) {
	case map[string]any:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		out = append(out, '{')
		for i, key := range keys {
			if i > 0 {
				out = append(out, ',')
			}
			for _, c := range []byte(key) {
				if c >= 0x80 {
					return nil, fmt.Errorf("key %q", key)
				}
			}
			out = append(quote(out, key), ':')
			if out, err = canonical(out, value[key]); err != nil {
				return nil, err
			}
		}
		return append(out, '}'), nil
	case []any:
		out = append(out, '[')
		for i, item := range value {
			if i > 0 {
				out = append(out, ',')
			}
			if out, err = canonical(out, item); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case string:
		return quote(out, value), nil
	case json.Number:
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || n > 1<<53-1 || n < -(1<<53-1) {
			return nil, fmt.Errorf("number %s", value)
		}
		return strconv.AppendInt(out, n, 10), nil
	case bool:
		return strconv.AppendBool(out, value), nil
	default:
		return append(out, "null"...), nil
	}
}

// quote writes a string with the escapes of RFC 8785 section 3.2.2.2 and no other.
func quote(out []byte, text string) []byte {
	out = append(out, '"')
	for _, c := range []byte(text) {
		short := bytes.IndexByte([]byte("\b\t\n\f\r\"\\"), c)
		switch {
		case short >= 0:
			out = append(out, '\\', `btnfr"\`[short])
		case c < 0x20:
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
