package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A cosigner is a witness's key, as golang.org/x/mod's reader of notes asks for it.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	// The earliest moment of the true lines seen.
	earliest uint64
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	if at > math.MaxInt64 {
		return false
	}
	signed := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, message)
	if !ed25519.Verify(c.key, signed, signature[8:]) {
		return false
	}
	c.earliest = min(c.earliest, at)
	return true
}

func parseCosigner(vkey string) (*cosigner, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	id, encoded, found := strings.Cut(rest, "+")
	data, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !found || err != nil || name == "" || strings.ContainsAny(name, " +") || len(data) != 33 || data[0] != 4 {
		return nil, fmt.Errorf("%q is no cosigner's key", vkey)
	}
	sum := sha256.Sum256([]byte(name + "\n" + string(data)))
	if hex.EncodeToString(sum[:4]) != id {
		return nil, errors.New("the key id is another's")
	}
	return &cosigner{name, binary.BigEndian.Uint32(sum[:4]), data[1:], math.MaxUint64}, nil
}

// cosigned says when the witness cosigned; nil when a line that names it is false, or none does.
func cosigned(text string, by *cosigner) (uint64, error) {
	// Open wants all lines of one key only once, and looks at the first alone: each is opened by itself.
	body, lines, found := cutLast(text, "\n\n")
	if !found {
		return 0, errors.New("not a note")
	}
	seen := false
	for _, line := range strings.SplitAfter(lines, "\n") {
		if line == "" {
			continue
		}
		_, err := note.Open([]byte(body+"\n\n"+line), note.VerifierList(by))
		var unverified *note.UnverifiedNoteError
		switch {
		case errors.As(err, &unverified):
		case err != nil:
			return 0, fmt.Errorf("false: %w", err)
		default:
			seen = true
		}
	}
	if !seen {
		return 0, errors.New("missing")
	}
	return by.earliest, nil
}

func cutLast(text, by string) (before, after string, found bool) {
	at := strings.LastIndex(text, by)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(by):], true
}

// judgeCosignature reads a key, or a head cosigned by one, or counts a quorum.
func judgeCosignature(v *vector) error {
	if v.Kind == "quorum" {
		return judgeQuorum(v)
	}
	by, err := parseCosigner(v.Vkey)
	if err != nil || v.Kind == "vkey" {
		return err
	}
	at, err := cosigned(v.Note, by)
	if err == nil && at != v.Expected.Time {
		return differs("cosigned at %d, the vector says %d", at, v.Expected.Time)
	}
	return err
}

// judgeQuorum reads as much of C2SP tlog-policy as the vectors use, and says nothing of policies themselves.
func judgeQuorum(v *vector) error {
	held := map[string]bool{"none": true}
	for _, line := range strings.Split(strings.TrimSuffix(v.Policy, "\n"), "\n") {
		words := strings.Fields(line)
		switch words[0] {
		case "witness":
			by, err := parseCosigner(words[2])
			if err != nil {
				return err
			}
			at, err := cosigned(v.Note, by)
			held[words[1]] = err == nil
			if said := v.Expected.Witnesses[words[1]]; !sameWord(said, at, err) {
				return differs("%s: %v (%v), the vector says %v", words[1], at, err, said)
			}
		case "group":
			least := map[string]int{"any": 1, "all": len(words) - 3}[words[2]]
			if least == 0 {
				_, _ = fmt.Sscan(words[2], &least)
			}
			for _, member := range words[3:] {
				if held[member] {
					least--
				}
			}
			held[words[1]] = least <= 0
		case "quorum":
			if !held[words[1]] {
				return errors.New("the quorum is not met")
			}
		default:
			return fmt.Errorf("unknown line %q", line)
		}
	}
	return nil
}

// sameWord compares a moment, or `missing`, or `false`, with what was found here.
func sameWord(said any, at uint64, err error) bool {
	if err == nil {
		number, ok := said.(float64)
		return ok && uint64(number) == at
	}
	word, _, _ := strings.Cut(err.Error(), ":")
	return said == word
}
