package glsexport_test

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A variable crosses from one process to another in the metadata of a message.
func Example() {
	tenant := gls.New[string]("tenant")
	export := glsexport.Export(tenant, "tenant", glsexport.String())

	message := glsexport.MapCarrier{}
	tenant.With("Amélie", func() { glsexport.Inject(message, export) })
	fmt.Println(message["baggage"])

	bindings, _ := glsexport.Extract(message, export)
	gls.With(func() { fmt.Println(tenant.Get()) }, bindings...)
	// Output:
	// tenant=Am%C3%A9lie
	// Amélie
}

func ExampleExtract() {
	tenant := gls.New[string]("tenant")
	export := glsexport.Export(tenant, "tenant", glsexport.String())

	hostile := glsexport.MapCarrier{"baggage": "tenant=a%0D%0Aadmin: yes, tenant=x y, =, tenant"}
	bindings, report := glsexport.Extract(hostile, export)
	fmt.Println(len(bindings), report.Refused, report.Malformed)

	several := glsexport.MapCarrier{"baggage": "tenant=ann, tenant=bob"}
	bindings, report = glsexport.Extract(several, export)
	fmt.Println(len(bindings), report.Ambiguous)
	// Output:
	// 0 0 4
	// 0 1
}

func ExampleParseBaggage() {
	b := glsexport.ParseBaggage("userId=alice,serverNode=DF%2028;ttl=60", "isProduction=false")
	for _, m := range b.Members {
		fmt.Printf("%s: %s %v\n", m.Key, m.Value, m.Properties)
	}
	// Output:
	// userId: alice []
	// serverNode: DF 28 [{ttl 60 true}]
	// isProduction: false []
}

func ExampleWhere() {
	plan := glsexport.Where(glsexport.String(), func(s string) bool { return s == "free" || s == "paid" })
	_, err := plan.Decode("admin")
	fmt.Println(err)
	// Output:
	// glsexport: value refused
}
