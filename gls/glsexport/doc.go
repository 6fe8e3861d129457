// Package glsexport carries variables from one process to another. Nothing is
// carried unless it is exported, one variable at a time, with a name on the
// wire and a [Codec] that says which texts it accepts.
//
//	var exports = []glsexport.Exported{
//		glsexport.Export(tenant, "tenant", glsexport.String()),
//		glsexport.ExportHeader(requestID, "X-Request-ID", glsexport.String()),
//	}
//
// [Export] makes a variable a member of the W3C baggage, [ExportHeader] gives
// it a header of its own. [Inject] writes what is bound to a [Carrier],
// [Extract] reads bindings from one; [Overwrite] and [Scrub] are for messages
// that somebody else may have written. Package glshttp does all of it for HTTP.
// Carrier has the shape of OpenTelemetry's TextMapCarrier, so those of other
// transports fit too.
//
// # What to trust
//
// Anybody who can reach the port can write what arrives there. Extract bounds
// and checks it, but cannot know who sent it: call it only for peers that may
// speak for the identities in question. In the other direction, everything that
// is injected is told to the peer, which may tell others.
//
// What is malformed, ambiguous or out of bounds is left out, as if it had not
// been sent, and counted in a [Report]: a request never fails for its baggage,
// and never gets a guessed value.
package glsexport
