//go:build !portcullis_system

package portcullis

// The library of this repository, linked statically: the program needs nothing at run time.

/*
#cgo CFLAGS: -I${SRCDIR}/../../include
#cgo LDFLAGS: ${SRCDIR}/../../target/release/libportcullis.a
#cgo linux LDFLAGS: -lgcc_s -lpthread -ldl -lm

#if defined(__has_include)
#if !__has_include("../target/release/libportcullis.a")
#error "libportcullis.a is not built; in the root: `cargo build --release -p portcullis-ffi`"
#endif
#endif
*/
import "C"
