package policy

import (
	"go/types"
	"strings"
)

// Assumptions about functions outside of the program. Calls that wait for an
// answer of another process, such as HTTP requests, queries, dials and writes,
// count as ending: clients and servers have timeouts, and until then the
// goroutine works for its starter. Functions that serve, accept, watch, or read
// whatever arrives do not count as ending.

// lasting has the functions that may run as long as the process.
var lasting = map[string]string{}

// readers are functions that read until the other side ends: the number of the
// argument that is read, from 1, or fromReceiver.
var readers = map[string]int{
	"io.Copy": 2, "io.CopyBuffer": 2, "io.CopyN": 2, "io.ReadAll": 1, "io.ReadFull": 1, "io.ReadAtLeast": 1,
	"(io.Reader).Read": fromReceiver, "(io.ReaderFrom).ReadFrom": 1, "(io.WriterTo).WriteTo": fromReceiver,
	"(io.ByteReader).ReadByte": fromReceiver, "(io.RuneReader).ReadRune": fromReceiver,
	"(*bufio.Scanner).Scan": fromReceiver, "(*bufio.Reader).Read": fromReceiver, "(*bufio.Reader).ReadByte": fromReceiver,
	"(*bufio.Reader).ReadString": fromReceiver, "(*bufio.Reader).ReadBytes": fromReceiver, "(*bufio.Reader).ReadLine": fromReceiver,
	"(*bufio.Reader).ReadRune": fromReceiver, "(*bufio.Reader).ReadSlice": fromReceiver, "(*bufio.Reader).Peek": fromReceiver,
	"(*io.PipeReader).Read": fromReceiver, "(*os.File).Read": fromReceiver, "(*os.File).WriteTo": fromReceiver,
	"(*os.File).ReadFrom":     1,
	"(*bufio.Reader).WriteTo": fromReceiver, "(*bufio.Writer).ReadFrom": 1, "(*bytes.Buffer).ReadFrom": 1,
	"(*encoding/json.Decoder).Decode": fromReceiver, "(*encoding/json.Decoder).Token": fromReceiver,
	"(*encoding/gob.Decoder).Decode": fromReceiver, "(*encoding/xml.Decoder).Decode": fromReceiver,
	"(*encoding/csv.Reader).Read": fromReceiver, "(*encoding/csv.Reader).ReadAll": fromReceiver,
	"encoding/binary.Read": 1, "fmt.Fscan": 1, "fmt.Fscanf": 1, "fmt.Fscanln": 1, "net/http.ReadRequest": 1, "net/http.ReadResponse": 1,
}

const fromReceiver = -1

func init() {
	for why, names := range map[string]string{
		"serves as long as the process runs": `net/http.Serve net/http.ServeTLS net/http.ListenAndServe net/http.ListenAndServeTLS
			(*net/http.Server).Serve (*net/http.Server).ServeTLS (*net/http.Server).ListenAndServe
			(*net/http.Server).ListenAndServeTLS
			net/http/fcgi.Serve net/rpc.Accept net/rpc.ServeConn net/rpc.ServeCodec net/rpc/jsonrpc.ServeConn
			(*net/rpc.Server).Accept (*net/rpc.Server).ServeConn (*net/rpc.Server).ServeCodec
			(*google.golang.org/grpc.Server).Serve (*google.golang.org/grpc.Server).ServeHTTP`,
		"waits for whoever connects": `(net.Listener).Accept (*net.TCPListener).Accept (*net.TCPListener).AcceptTCP
			(*net.UnixListener).Accept (*net.UnixListener).AcceptUnix (*crypto/tls.listener).Accept`,
		"waits for the other side": `(net.Conn).Read (*net.conn).Read (*net.TCPConn).Read (*net.UDPConn).Read (*net.UDPConn).ReadFrom
			(*net.UDPConn).ReadFromUDP (*net.UDPConn).ReadMsgUDP (*net.UDPConn).ReadFromUDPAddrPort
			(*net.UnixConn).Read
			(*net.UnixConn).ReadFrom (*net.UDPConn).ReadMsgUDPAddrPort (*net.IPConn).ReadFrom (*net.IPConn).ReadFromIP
			(*net.IPConn).ReadMsgIP (*net.UnixConn).ReadFromUnix (*net.UnixConn).ReadMsgUnix (net.PacketConn).ReadFrom (*net.IPConn).Read (*crypto/tls.Conn).Read
			(*net.TCPConn).ReadFrom
			(*net/textproto.Reader).ReadLine (*net/textproto.Conn).ReadLine (*net/textproto.Reader).ReadMIMEHeader
			fmt.Scan fmt.Scanf fmt.Scanln`,
		"waits for another process": `(*os/exec.Cmd).Wait (*os/exec.Cmd).Run (*os/exec.Cmd).Output (*os/exec.Cmd).CombinedOutput
			(*os.Process).Wait syscall.Wait4`,
		"waits until another goroutine signals": `(*sync.Cond).Wait`,
		"goes on as long as the process runs": `github.com/rcrowley/go-metrics.Log github.com/rcrowley/go-metrics.LogScaled
			github.com/rcrowley/go-metrics.LogOnCue github.com/rcrowley/go-metrics.LogScaledOnCue
			github.com/rcrowley/go-metrics.WriteJSON github.com/rcrowley/go-metrics.Syslog
			github.com/rcrowley/go-metrics.Write github.com/rcrowley/go-metrics.Graphite github.com/rcrowley/go-metrics.OpenTSDB
			github.com/rcrowley/go-metrics.CaptureRuntimeMemStats github.com/rcrowley/go-metrics.CaptureDebugGCStats
			(*github.com/prometheus/client_golang/prometheus/graphite.Bridge).Run`,
		"receives":                         `(reflect.Value).Recv reflect.Select`,
		"calls a function that is a value": `(reflect.Value).Call (reflect.Value).CallSlice`,
	} {
		for _, name := range strings.Fields(names) {
			lasting[name] = why
		}
	}
}

// open are packages of the standard library about whose functions nothing is
// said in general.
var open = map[string]bool{"syscall": true, "plugin": true}

// callsBack are methods of interfaces of the standard library that programs
// implement with work of their own.
var callsBack = map[string]bool{
	"(net/http.Handler).ServeHTTP":          true,
	"(net/http.RoundTripper).RoundTrip":     true,
	"(database/sql/driver.Driver).Open":     true,
	"(log/slog.Handler).Handle":             true,
	"(encoding/json.Marshaler).MarshalJSON": true,
}

// starters are functions that start what they are given elsewhere, where it is
// judged by itself, or keep it for a server.
var starters = map[string]bool{
	"time.AfterFunc": true, "context.AfterFunc": true, "net/http.HandleFunc": true, "(*net/http.ServeMux).HandleFunc": true,
	"(*sync.WaitGroup).Go": true, "(*golang.org/x/sync/errgroup.Group).Go": true, "(*golang.org/x/sync/errgroup.Group).TryGo": true,
	spawnPath + ".Go": true, spawnPath + ".Detached": true, spawnPath + ".AfterFunc": true, spawnPath + ".ContextAfterFunc": true,
	"(*" + spawnPath + ".Group).Go": true, "(*" + spawnPath + ".WaitGroup).Go": true, spawnPath + ".Start": true,
	"runtime.SetFinalizer": true, "runtime.AddCleanup": true, "expvar.Publish": true,
}

// trusted reports whether the functions of a package of another module are
// known to end: those that log, count, encode, or make identifiers, and this
// library.
func trusted(path string) bool {
	for _, p := range trustedPackages {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

var trustedPackages = strings.Fields(`
	github.com/seed18162548/contextvars
	go.uber.org/zap github.com/sirupsen/logrus github.com/rs/zerolog github.com/go-logr/logr k8s.io/klog
	github.com/golang/glog
	github.com/hashicorp/go-hclog github.com/go-kit/log github.com/inconshreveable/log15 github.com/charmbracelet/log
	github.com/prometheus/client_golang/prometheus github.com/prometheus/client_model github.com/prometheus/common
	go.opentelemetry.io/otel github.com/opentracing/opentracing-go github.com/rcrowley/go-metrics
	github.com/pkg/errors go.uber.org/multierr github.com/hashicorp/go-multierror github.com/cockroachdb/errors
	go.uber.org/atomic golang.org/x/exp golang.org/x/text golang.org/x/crypto golang.org/x/sync/semaphore
	golang.org/x/sync/singleflight golang.org/x/sync/errgroup
	github.com/google/uuid github.com/gofrs/uuid github.com/rs/xid github.com/oklog/ulid github.com/segmentio/ksuid
	google.golang.org/protobuf github.com/golang/protobuf github.com/gogo/protobuf google.golang.org/grpc/codes
	google.golang.org/grpc/status google.golang.org/grpc/metadata github.com/json-iterator/go github.com/goccy/go-json
	gopkg.in/yaml.v2 gopkg.in/yaml.v3 github.com/BurntSushi/toml github.com/vmihailenco/msgpack
	github.com/cespare/xxhash github.com/mitchellh/mapstructure github.com/dustin/go-humanize github.com/spf13/cast
	github.com/shopspring/decimal github.com/fatih/color github.com/davecgh/go-spew github.com/google/go-cmp
	github.com/stretchr/testify`)

// standard reports whether a package is of the standard library.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && path != "main" && stdRoots[first]
}

var stdRoots = func() map[string]bool {
	roots := map[string]bool{}
	for _, r := range strings.Fields(`archive bufio bytes cmp compress container context crypto database debug embed encoding errors
		expvar flag fmt go hash html image index io iter log maps math mime net os path plugin reflect regexp
		runtime slices sort
		strconv strings structs sync syscall testing text time unicode unique unsafe weak`) {
		roots[r] = true
	}
	return roots
}()

// returnsEnding reports whether the functions that fn returns end: cancel
// functions, mostly.
func returnsEnding(fn *types.Func) bool {
	return fn.Pkg() != nil && (standard(fn.Pkg().Path()) || trusted(fn.Pkg().Path()))
}
