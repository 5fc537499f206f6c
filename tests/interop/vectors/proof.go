package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// judgeProof reads a tlog-proof, opens its checkpoint with the log's key, and checks that R is included.
func judgeProof(v *vector) error {
	head, checkpoint, found := strings.Cut(v.Proof, "\n\n")
	if !found {
		return errors.New("no blank line")
	}
	index, path, err := readPath(head)
	if err != nil {
		return err
	}
	size, root, err := openCheckpoint(v, checkpoint)
	if err != nil {
		return err
	}
	if index >= size {
		return errors.New("the index is not below the size")
	}
	leaf := tlog.RecordHash(leafData(v.R))
	if hex.EncodeToString(leaf[:]) != v.LeafHash {
		return differs("another leaf hash than the vector says")
	}
	if err := tlog.CheckRecord(path, size, root, index, leaf); err != nil {
		return err
	}
	if v.Fault == nil && (index != v.Expected.Index || size != v.Expected.Size) {
		return differs("read otherwise than the vector says")
	}
	return nil
}

// readPath takes the lines before the blank one. Receipts carry no `extra` line, which the format would allow.
func readPath(head string) (int64, tlog.RecordProof, error) {
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || len(lines) < 2 {
		return 0, nil, errors.New("not a proof")
	}
	text, found := strings.CutPrefix(lines[1], "index ")
	if !found {
		return 0, nil, errors.New("no index line")
	}
	index, err := decimal(text)
	if err != nil {
		return 0, nil, err
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := parseHash(line)
		if err != nil {
			return 0, nil, err
		}
		path = append(path, hash)
	}
	return index, path, nil
}

func openCheckpoint(v *vector, text string) (int64, tlog.Hash, error) {
	verifier, err := note.NewVerifier(v.Vkey)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if len(lines) < 3 || lines[0] != v.Origin {
		return 0, tlog.Hash{}, fmt.Errorf("not a checkpoint of %s", v.Origin)
	}
	size, err := decimal(lines[1])
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := parseHash(lines[2])
	return size, root, err
}

// decimal takes a number without sign or leading zero.
func decimal(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("%q is no size", text)
	}
	return n, nil
}

// parseHash takes the one base64 of 32 bytes.
func parseHash(text string) (hash tlog.Hash, err error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(data) != len(hash) || strings.ContainsAny(text, "\r\n") {
		return hash, fmt.Errorf("%q is no hash", text)
	}
	copy(hash[:], data)
	return hash, nil
}
