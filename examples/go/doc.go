// Package portcullis is a guard between an MCP client and an MCP server: it judges each message
// once, takes secrets out of it, and forwards the same bytes that it judged.
//
//	client.Read ---> Input(Client) ---> +--------+ ---> Output(ToServer) ---> server.Write
//	                                    | Engine | ---> Output(ToNoise)  ---> standard error
//	client.Write <- Output(ToClient) <- +--------+ <--- Input(Server)   <--- server.Read
//
// It is libportcullis with Go's manners. There are three ways in, from the easiest to the barest:
//
//   - [Session] moves the bytes between two peers with readers and writers until it is over.
//   - [Engine.Input] and [Engine.Output] are io.Writers and io.Readers, one for each side and
//     receiver; they block, with back-pressure, and know contexts. [Engine.SetSink] hands over what
//     is ready within the call that made it ready, without a copy and without a goroutine.
//   - The verbs of [Engine] never block, and take the time as a number.
//
// # Ownership
//
// Each value of this package holds memory of the library. Close frees it, may be called twice, and
// makes every later call give [ErrClosed]; a finalizer is only a net for what was forgotten. Each
// may be closed before those that were made with it, except that the engines of a [Ledger] need it
// open. No pointer of Go's stays in the library, and no memory of the library leaves a callback.
//
// # Concurrency
//
// Everything here may be used by several goroutines at once; each [Engine], [Ledger], [Finder] and
// [Redactor] has a lock of its own. Engines that share a ledger take turns while they judge. What
// is handed to this package to be called under a lock says so: it must not call back.
//
// # Errors
//
// What a peer does is never an error but an [Event], and perhaps a line to the peer. Errors are the
// host's: see [ErrNotLent] and its neighbours, and [ConfigError].
package portcullis
