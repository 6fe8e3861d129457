// Package glsexport carries variables from one process to another. It carries
// only variables that the program exports one by one, each with a name on the
// wire and a [Codec] that decides which texts to accept.
//
//	var exports = []glsexport.Exported{
//		glsexport.Export(tenant, "tenant", glsexport.String()),
//		glsexport.ExportHeader(requestID, "X-Request-ID", glsexport.String()),
//	}
//
// [Export] makes a variable a member of the W3C baggage; [ExportHeader] gives
// it a header of its own. [Inject] writes the current bindings to a [Carrier]
// and [Extract] reads bindings from one; [Overwrite] and [Scrub] are for
// messages that strangers may have written. Package glshttp does all of this
// for HTTP. Carrier has the same methods as OpenTelemetry's TextMapCarrier, so
// the carriers that exist for other transports can be used.
//
// # What to trust
//
// Anyone who can reach the port can send such values. Extract limits and
// validates them but cannot know who sent them: call it only for peers that you
// trust to name users, tenants and the like. In the other direction, the peer
// learns everything that is injected and may pass it on.
//
// Values that are malformed, ambiguous or too long are treated as if they had
// not been sent, and counted in a [Report]: a request never fails because of
// its baggage, and never gets a guessed value.
package glsexport
