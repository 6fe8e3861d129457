package main

func Example() {
	main()
	// Output:
	// A variable, and the tokens that undo its Sets
	//   unset:                hello, nobody
	//   set twice:            hello, ben
	//   one Set undone:       hello, ann
	//   undone again:         gls: token has been used already
	//   for one call:         hello, cleo
	// A Context, and what is set in it
	//   inside, afterwards:   dan
	//   outside:              hello, ann
	//   run in it again:      hello, dan
	//   while one is in it:   gls: Context is entered already
	// Goroutines, and what they are given
	//   a go statement:       hello, nobody
	//   spawn.Start:          hello, ann
	//   after a Set there:    hello, ann
	//   in its Context:       hello, eva
	//   spawn.Detached:       hello, nobody
	// A callback, and the bindings that it is called with
	//   when it is called:    hello, nobody
	//   when it was wrapped:  hello, ann
}
