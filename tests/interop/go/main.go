// Reads an exported log as others do: torchwood for C2SP tlog-tiles, golang.org/x/mod/sumdb for trees and signed notes.
//
//	interop DIR VKEY [EARLIER-CHECKPOINT...]
//
// Checks the signature under the head, the root, an inclusion proof of every entry, ten consistency proofs from smaller trees,
// and one from each earlier signed checkpoint. Exit 0: all hold.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const pairs = 10

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "interop DIR VKEY [EARLIER-CHECKPOINT...]")
		os.Exit(2)
	}
	said, err := judge(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

// served is the address at which a plain file server holds the directory.
func served(dir string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go http.Serve(listener, http.FileServer(http.Dir(dir)))
	return "http://" + listener.Addr().String(), nil
}

// head is what a checkpoint signed by the key states.
func head(text []byte, key note.Verifier) (torchwood.Checkpoint, error) {
	signed, err := note.Open(text, note.VerifierList(key))
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	return torchwood.ParseCheckpoint(signed.Text)
}

func judge(dir, vkey string, earlier []string) (string, error) {
	ctx := context.Background()
	key, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	base, err := served(dir)
	if err != nil {
		return "", err
	}
	tiles, err := torchwood.NewTileFetcher(base)
	if err != nil {
		return "", err
	}
	text, err := tiles.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return "", err
	}
	now, err := head(text, key)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	if now.Origin != key.Name() {
		return "", fmt.Errorf("the log is %s, the key is of %s", now.Origin, key.Name())
	}
	hashes := torchwood.TileHashReaderWithContext(ctx, now.Tree, tiles)
	root, err := tlog.TreeHash(now.N, hashes)
	if err != nil || root != now.Hash {
		return "", fmt.Errorf("root %v, not %v (%v)", root, now.Hash, err)
	}
	if err := inclusions(ctx, now.Tree, tiles); err != nil {
		return "", err
	}
	for pair := int64(1); pair <= pairs; pair++ {
		old := max(now.N*pair/(pairs+1), 1)
		root, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return "", err
		}
		if err := follows(tlog.Tree{N: old, Hash: root}, now.Tree, hashes); err != nil {
			return "", err
		}
	}
	for _, file := range earlier {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		before, err := head(text, key)
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		if err := follows(before.Tree, now.Tree, hashes); err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
	}
	said := "%s: %d leaves, signature, root, %d inclusions, %d consistency pairs, %d earlier heads"
	return fmt.Sprintf(said, now.Origin, now.N, now.N, pairs, len(earlier)), nil
}

// inclusions checks a proof for every entry, taken one by one and as a client that follows the log takes them.
func inclusions(ctx context.Context, tree tlog.Tree, tiles *torchwood.TileFetcher) error {
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		return err
	}
	for index := int64(0); index < tree.N; index++ {
		entry, proof, err := client.Entry(ctx, tree, index)
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		// Leaf data of an entry, or of a seal.
		if len(entry) != 98 && len(entry) != 186 {
			return fmt.Errorf("entry %d has %d bytes", index, len(entry))
		}
	}
	var next int64
	for index := range client.Entries(ctx, tree, 0) {
		if index != next {
			return fmt.Errorf("entry %d instead of %d", index, next)
		}
		next++
	}
	if err := client.Err(); err != nil {
		return err
	}
	if next < tree.N/torchwood.TileWidth*torchwood.TileWidth {
		return fmt.Errorf("%d entries only", next)
	}
	return nil
}

// follows checks that the older tree is the beginning of the newer one.
func follows(old, now tlog.Tree, hashes tlog.HashReader) error {
	proof, err := tlog.ProveTree(now.N, old.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, now.N, now.Hash, old.N, old.Hash)
}
