package glsexport_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

type (
	members = []glsexport.Member
	props   = []glsexport.Property
)

// The examples of the W3C text, in its order.
func TestParseBaggageExamplesOfTheRecommendation(t *testing.T) {
	alice := members{
		{Key: "userId", Value: "alice"},
		{Key: "serverNode", Value: "DF 28"},
		{Key: "isProduction", Value: "false"},
	}
	for _, tt := range []struct {
		name    string
		headers []string
		want    members
	}{
		{"limits", []string{"key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue"}, members{
			{Key: "key1", Value: "value1", Properties: props{{Key: "property1"}, {Key: "property2"}}},
			{Key: "key2", Value: "value2"},
			{Key: "key3", Value: "value3", Properties: props{{Key: "propertyKey", Value: "propertyValue", HasValue: true}}},
		}},
		{"single header", []string{"userId=alice,serverNode=DF%2028,isProduction=false"}, alice},
		{"several headers", []string{"userId=alice", "serverNode=DF%2028,isProduction=false"}, alice},
		{"spaces", []string{"userId =   alice", "serverNode = DF%2028, isProduction = false"}, alice},
		{"UTF-8", []string{"userId=Am%C3%A9lie,serverNode=DF%2028,isProduction=false"}, members{
			{Key: "userId", Value: "Amélie"}, alice[1], alice[2],
		}},
		{"equals signs", []string{"k=a=b==;p=c=d"}, members{
			{Key: "k", Value: "a=b==", Properties: props{{Key: "p", Value: "c=d", HasValue: true}}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, glsexport.Baggage{Members: tt.want}, glsexport.ParseBaggage(tt.headers...))
		})
	}
}

func TestParseBaggageMember(t *testing.T) {
	ok := func(key, value string, ps ...glsexport.Property) members { return members{{key, value, ps}} }
	for _, tt := range []struct {
		name string
		in   string
		want members // nil: malformed
	}{
		{"empty value", "k=", ok("k", "")},
		{"every octet", "k=!#$&'()*+-./:<=>?@[]^_`{|}~", ok("k", "!#$&'()*+-./:<=>?@[]^_`{|}~")},
		{"every token character", "!#$%&'*+-.^_`|~09azAZ=v", ok("!#$%&'*+-.^_`|~09azAZ", "v")},
		{"plus is plus", "k=a+b", ok("k", "a+b")},
		{"lower-case escape", "k=%c3%a9", ok("k", "é")},
		{"percent-encoded percent", "k=%2541", ok("k", "%41")},
		{"key is not unescaped", "%41=v", ok("%41", "v")},
		{"case of keys", "K=v", ok("K", "v")},
		{"tabs", "\tk\t=\tv\t;\tp\t=\tw\t", ok("k", "v", glsexport.Property{Key: "p", Value: "w", HasValue: true})},
		{"empty property value", "k=v;p=", ok("k", "v", glsexport.Property{Key: "p", HasValue: true})},
		{"property is unescaped", "k=v;p=%20", ok("k", "v", glsexport.Property{Key: "p", Value: " ", HasValue: true})},
		{"empty properties", "k=v;;p;", ok("k", "v", glsexport.Property{Key: "p"})},
		{"not UTF-8", "k=a%FFb", ok("k", "a\uFFFDb")},
		{"cut rune", "k=%C3", ok("k", "\uFFFD")},
		{"two bytes that are not UTF-8", "k=%FF%FE", ok("k", "\uFFFD\uFFFD")},
		{"overlong slash", "k=%C0%AF", ok("k", "\uFFFD\uFFFD")},
		{"surrogate", "k=%ED%A0%80", ok("k", "\uFFFD\uFFFD\uFFFD")},
		{"escaped line break", "k=%0D%0A", ok("k", "\r\n")}, // the codec's to refuse

		{"no equals sign", "k", nil},
		{"no equals sign, but in a property", "k;p=v", nil},
		{"no key", "=v", nil},
		{"blank key", " =v", nil},
		{"space in key", "a b=v", nil},
		{"space in value", "k=a b", nil},
		{"quote in value", `k="v"`, nil},
		{"backslash in value", `k=a\b`, nil},
		{"raw UTF-8 in value", "k=é", nil},
		{"raw UTF-8 in key", "é=v", nil},
		{"raw line break", "k=a\r\nb", nil},
		{"line break at the end", "k=a\n", nil},
		{"NUL", "k=a\x00", nil},
		{"DEL", "k=a\x7f", nil},
		{"no-break space around", "k=\u00a0v", nil},
		{"lone percent", "k=%", nil},
		{"short escape", "k=%4", nil},
		{"no hex", "k=%zz", nil},
		{"signed hex", "k=%+1", nil},
		{"slash in key", "a/b=v", nil},
		{"property without key", "k=v;=w", nil},
		{"blank property", "k=v; ;p", nil},
		{"blank last property", "k=v; ", nil},
		{"property with space", "k=v;a b", nil},
		{"property with quote", `k=v;p="w"`, nil},
		{"property with bad escape", "k=v;p=%z0", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := glsexport.ParseBaggage("before=1," + tt.in + ",after=2")
			want := append(append(members{{Key: "before", Value: "1"}}, tt.want...), glsexport.Member{Key: "after", Value: "2"})
			require.Equal(t, want, b.Members)
			if tt.want == nil {
				require.Equal(t, 1, b.Malformed)
			} else {
				require.Zero(t, b.Malformed)
			}
			require.Zero(t, b.Excess)
		})
	}
}

func TestParseBaggageOfNothing(t *testing.T) {
	for _, headers := range [][]string{nil, {""}, {" \t"}, {","}, {"", ""}, {" , ,,"}} {
		require.Equal(t, glsexport.Baggage{}, glsexport.ParseBaggage(headers...), "%q", headers)
	}
}

func TestParseBaggageKeepsDuplicatesInOrder(t *testing.T) {
	b := glsexport.ParseBaggage("a=1,b=2", "a=3")
	require.Equal(t, members{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}, {Key: "a", Value: "3"}}, b.Members)
}

func TestParseBaggageBoundsMembers(t *testing.T) {
	many := func(n int) string {
		var list []string
		for i := 0; i < n; i++ {
			list = append(list, "k"+strconv.Itoa(i)+"=v")
		}
		return strings.Join(list, ",")
	}
	b := glsexport.ParseBaggage(many(64))
	require.Len(t, b.Members, 64)
	require.Zero(t, b.Excess)

	b = glsexport.ParseBaggage(many(67))
	require.Len(t, b.Members, 64)
	require.Equal(t, "k63", b.Members[63].Key)
	require.Equal(t, 3, b.Excess)

	b = glsexport.ParseBaggage("?," + many(64))
	require.Len(t, b.Members, 63, "a malformed member counts")
	require.Equal(t, [2]int{1, 1}, [2]int{b.Malformed, b.Excess})
}

func TestParseBaggageBoundsBytes(t *testing.T) {
	sized := func(key string, n int) string { return key + "=" + strings.Repeat("x", n-len(key)-1) }
	for _, tt := range []struct {
		name    string
		headers []string
		want    []string
		excess  int
	}{
		{"exactly", []string{sized("a", 8192)}, []string{"a"}, 0},
		{"one too many", []string{sized("a", 8193)}, nil, 1},
		{"only the last goes", []string{sized("a", 4000) + "," + sized("b", 4191) + ",c=1"}, []string{"a", "b"}, 1},
		{"the last is whole or not at all", []string{sized("a", 4000) + "," + sized("b", 4192)}, []string{"a"}, 1},
		{"over several headers", []string{sized("a", 4000), sized("b", 4191), "c=1"}, []string{"a", "b"}, 1},
		{"those behind the big one go too", []string{"a=1," + sized("b", 9000) + ",c=1,d=1"}, []string{"a"}, 3},
		{"a huge header", []string{"a=1," + strings.Repeat("k=v,", 1<<18) + "z=1"}, nil, 1<<18 + 2 - 64},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := glsexport.ParseBaggage(tt.headers...)
			require.Equal(t, tt.excess, b.Excess)
			require.Zero(t, b.Malformed)
			if tt.excess > 64 {
				require.Len(t, b.Members, 64)
				return
			}
			var keys []string
			for _, m := range b.Members {
				keys = append(keys, m.Key)
			}
			require.Equal(t, tt.want, keys)
		})
	}
}

func TestMemberString(t *testing.T) {
	m := glsexport.Member{Key: "k", Value: "a b,c;d\"\\%é\r\n=+", Properties: props{{Key: "p"}, {Key: "q", Value: "1 2", HasValue: true}}}
	require.Equal(t, "k=a%20b%2Cc%3Bd%22%5C%25%C3%A9%0D%0A=+;p;q=1%202", m.String())
	require.Equal(t, members{m}, glsexport.ParseBaggage(m.String()).Members)
}
