package portcullis_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	portcullis "portcullis.dev/go"
)

// A client that asks for what it may not have, and a server that never hears of it.
func ExampleSession() {
	policy, err := portcullis.NewPolicy([]byte(`{"tools": {"deny": ["rm"]}}`))
	if err != nil {
		panic(err)
	}
	defer policy.Close()
	engine, err := portcullis.NewEngine(policy, nil)
	if err != nil {
		panic(err)
	}
	defer engine.Close()

	asked := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm"}}`
	serverStdin, toServer := io.Pipe()
	serverStdout, fromServer := io.Pipe()
	go func() { // The server: says nothing, and ends when its input does.
		heard, _ := io.ReadAll(serverStdin)
		fmt.Printf("server heard %q\n", heard)
		fromServer.Close()
	}()
	var answered strings.Builder
	session := portcullis.Session{
		Engine: engine,
		Client: portcullis.Peer{From: strings.NewReader(asked), To: &answered},
		Server: portcullis.Peer{From: serverStdout, To: toServer},
	}
	if err := session.Run(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println("refused:", strings.Contains(answered.String(), "tool_denied"))
	// Output:
	// server heard ""
	// refused: true
}
