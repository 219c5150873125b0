//go:build portcullis_system

package portcullis

// An installed library, found by pkg-config.

/*
#cgo pkg-config: portcullis
*/
import "C"
