// Judges a checkpoint by a C2SP tlog-policy with code that has no line of ours: filippo.io/torchwood.
//
//	witnesses POLICY CHECKPOINT
package main

import (
	"fmt"
	"os"

	"filippo.io/torchwood"
)

func main() {
	if err := judge(os.Args[1], os.Args[2]); err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func judge(policyFile, checkpointFile string) error {
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	signed, err := os.ReadFile(checkpointFile)
	if err != nil {
		return err
	}
	checkpoint, note, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return err
	}
	fmt.Printf("accepted: %s, size %d, %d signatures\n", checkpoint.Origin, checkpoint.N, len(note.Sigs))
	return nil
}
