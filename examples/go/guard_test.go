package portcullis

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func newGuard(t *testing.T, json string) *Guard {
	t.Helper()
	guard := must(NewGuard([]byte(json)))
	t.Cleanup(func() { guard.Close() })
	return guard
}

const typicalGuard = `{"paths":{"roots":["/srv/data"]},
	"addresses":{"deny":[{"net":"192.0.2.66","until_ms":2000}],"trusted":["127.0.0.0/8"]},
	"origins":{"origins":["https://*.example.com"],"hosts":["mcp.example.com"]},
	"cors":{"enabled":true,"allowed_origins":["https://app.example.com"]}}`

// refuses holds a check to the rule that refuses; none: it allows.
func refuses(t *testing.T, err error, rule string) {
	t.Helper()
	var denied *Denied
	switch {
	case rule == "":
		ok(t, err)
	case !errors.As(err, &denied) || denied.Rule != rule || !strings.HasSuffix(err.Error(), denied.Why):
		t.Fatalf("%v is not refused by %s", err, rule)
	}
}

func TestGuardChecksURLs(t *testing.T) {
	guard := newGuard(t, typicalGuard)
	for url, expected := range map[string]Host{
		"https://API.example.com/v1":                       {HostName, "api.example.com"},
		"https://8.8.8.8/":                                 {HostAddress, "8.8.8.8"},
		"https://[2606:4700:0::1111]/":                     {HostAddress, "2606:4700::1111"},
		"https://" + strings.Repeat("a", 60) + ".example/": {HostName, strings.Repeat("a", 60) + ".example"},
	} {
		if host := must(guard.CheckURL(url)); host != expected {
			t.Errorf("%s: %+v", url, host)
		}
	}
	for url, rule := range map[string]string{
		"http://169.254.169.254/latest/": "metadata",
		"http://0x7f.1/":                 "loopback",
		"https://a:b@example.com/":       "userinfo",
		"gopher://example.com/":          "scheme",
	} {
		host, err := guard.CheckURL(url)
		refuses(t, err, rule)
		if host != (Host{}) {
			t.Errorf("%s: %+v", url, host)
		}
	}
	refuses(t, guard.CheckUpstream("http://10.0.0.1/"), "")
	refuses(t, guard.CheckUpstream("ftp://10.0.0.1/"), "scheme")
	public, inner := netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("fe80::1%eth0")
	refuses(t, guard.CheckAddresses([]netip.Addr{public}), "")
	refuses(t, guard.CheckAddresses([]netip.Addr{public, inner}), "link-local")
	refuses(t, guard.CheckAddresses(nil), "unresolved")
	if err := guard.CheckAddresses([]netip.Addr{{}}); err != ErrBadNumber {
		t.Fatal(err)
	}
	if class := must(ClassOf(netip.MustParseAddr("64:ff9b::10.0.0.1"))); class != AddressPrivate {
		t.Fatal(class)
	}
}

func TestGuardChecksPaths(t *testing.T) {
	guard := newGuard(t, typicalGuard)
	refuses(t, guard.CheckPath("/srv/data/a"), "")
	refuses(t, guard.CheckPath("/srv/data/../../etc/passwd"), "denied-path")
	refuses(t, guard.CheckPath("a\x00b"), "nul")
	refuses(t, guard.CheckResolved("/srv/data/a"), "")
	refuses(t, guard.CheckResolved("/home/a"), "outside-roots")
	if err := guard.CheckPath("\xff"); err != ErrBadUTF8 {
		t.Fatal(err)
	}
}

func TestGuardChecksClients(t *testing.T) {
	guard := newGuard(t, typicalGuard)
	banned := netip.MustParseAddr("192.0.2.66")
	refuses(t, guard.CheckIP(banned, Time{Wall: 1999}), "address-denied")
	refuses(t, guard.CheckIP(banned, Time{Wall: 2000}), "")
	proxy := netip.MustParseAddr("127.0.0.1")
	if client := must(guard.ClientAddress(proxy, []string{"10.0.0.1", "192.0.2.66"})); client != banned {
		t.Fatal(client)
	}
	if client := must(guard.ClientAddress(banned, []string{"127.0.0.1"})); client != banned {
		t.Fatal(client)
	}
	if client := must(guard.ClientAddress(proxy, nil)); client != proxy {
		t.Fatal(client)
	}
	refuses(t, guard.CheckOrigin(nil), "")
	refuses(t, guard.CheckOrigin([]string{"https://app.example.com"}), "")
	refuses(t, guard.CheckOrigin([]string{"https://app.example.com", "https://app.example.com"}), "origin")
	refuses(t, guard.CheckOrigin([]string{""}), "origin")
	refuses(t, guard.CheckOrigin([]string{"null"}), "null-origin")
	refuses(t, guard.CheckHost("mcp.example.com"), "")
	refuses(t, guard.CheckHost("rebind.evil.example"), "host")
	refuses(t, guard.CheckHost(""), "host")
}

func TestGuardAnswersPages(t *testing.T) {
	guard := newGuard(t, typicalGuard)
	request := CORSRequest{Method: "POST", Origin: []string{"https://app.example.com"}}
	answer := must(guard.CORS(&request))
	allowed := Header{"Access-Control-Allow-Origin", "https://app.example.com"}
	if answer.Status != 0 || answer.Denied != nil || answer.Headers[0] != allowed {
		t.Fatalf("%+v", answer)
	}
	preflight := CORSRequest{Method: "OPTIONS", Origin: request.Origin, RequestMethod: []string{"PUT"}}
	answer = must(guard.CORS(&preflight))
	if answer.Status != 403 || answer.Denied == nil || answer.Denied.Rule != "cors-method" {
		t.Fatalf("%+v", answer)
	}
	preflight.RequestMethod, preflight.RequestHeaders = []string{"POST"}, []string{"content-type", "accept"}
	if answer = must(guard.CORS(&preflight)); answer.Status != 204 || len(answer.Headers) != 5 {
		t.Fatalf("%+v", answer)
	}
	preflight.PrivateNetwork = true
	refuses(t, must(guard.CORS(&preflight)).Denied, "cors-private-network")
	plain, tls := must(guard.Headers(false)), must(guard.Headers(true))
	if len(tls) != len(plain)+1 || tls[len(plain)].Name != "Strict-Transport-Security" {
		t.Fatalf("%+v", tls)
	}
	// More than the first buffer holds.
	long := newGuard(t, `{"headers":{"frame_options":"`+strings.Repeat("x", 4096)+`"}}`)
	if length := len(must(long.Headers(false))[1].Value); length != 4096 {
		t.Fatal(length)
	}
}

func TestGuardsAreRefusedByKeyAndClosed(t *testing.T) {
	_, err := NewGuard([]byte(`{"urls":{"nets":["nowhere"]}}`))
	var config *ConfigError
	if !errors.As(err, &config) || !strings.HasPrefix(config.Message, "urls.nets[0]") {
		t.Fatal(err)
	}
	policy := must(NewPolicy([]byte(`{"network":{"paths":{"home":true}}}`)))
	of := must(GuardOf(policy))
	ok(t, policy.Close())
	refuses(t, of.CheckPath("~/a"), "")
	refuses(t, of.CheckPath("/etc/passwd"), "denied-path")
	ok(t, of.Close())
	guard := newGuard(t, "")
	ok(t, guard.Close())
	ok(t, guard.Close())
	if err := guard.CheckPath("/"); err != ErrClosed {
		t.Fatal(err)
	}
	if err := (*Guard)(nil).CheckPath("/"); err != ErrClosed {
		t.Fatal(err)
	}
}
