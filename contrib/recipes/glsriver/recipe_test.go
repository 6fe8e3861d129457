package glsriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/seed18162548/contextvars/contrib/recipes/glsriver"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var tenant = gls.New[string]("tenant")

// greeting is a job that knows who inserted it, and fails at first.
type greeting struct {
	From string `json:"from"`
}

func (greeting) Kind() string { return "greeting" }

type greeter struct {
	river.WorkerDefaults[greeting]
	seen chan string
}

func (g greeter) Work(_ context.Context, job *river.Job[greeting]) error {
	g.seen <- job.Args.From + " " + tenant.Get()
	tenant.Set("left behind")
	if job.Attempt == 1 {
		return errors.New("try again")
	}
	return nil
}

func (greeter) NextRetry(*river.Job[greeting]) time.Time { return time.Now() }

// river's own client, over SQLite in a file.
func TestJobsKeepTheirTenant(t *testing.T) {
	glstest.CheckLeaks(t)
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "river.db")+"?_pragma=journal_mode(WAL)&_txlock=immediate")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1) // SQLite has one writer
	driver := riversqlite.New(db)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	require.NoError(t, err)
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	require.NoError(t, err)

	seen := make(chan string, 100)
	workers := river.NewWorkers()
	river.AddWorker(workers, greeter{seen: seen})
	client, err := river.NewClient(driver, &river.Config{
		Logger:            quiet,
		Workers:           workers,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		FetchPollInterval: 50 * time.Millisecond,
		FetchCooldown:     10 * time.Millisecond,
		Middleware: []rivertype.Middleware{&glsriver.Middleware{
			Vars: []glsexport.Exported{glsexport.Export(tenant, "tenant", glsexport.String())},
		}},
	})
	require.NoError(t, err)

	insert := func(from string, metadata string) *rivertype.JobInsertResult {
		result, err := client.Insert(ctx, greeting{from}, &river.InsertOpts{Metadata: []byte(metadata)})
		require.NoError(t, err)
		return result
	}
	want := map[string]int{"none ": 2, "hostile ": 2, "odd ": 2}
	insert("none", "")
	insert("hostile", `{"gls": {"baggage": "tenant=a,tenant=b"}}`)
	insert("odd", `{"gls": 7}`)
	for i := range 7 {
		name := fmt.Sprint("Zoë ", i)
		want[name+" "+name] = 2
		tenant.With(name, func() {
			job := insert(name, `{"own": 9007199254740993}`).Job
			require.Contains(t, string(job.Metadata), fmt.Sprintf(`"gls":{"baggage":"tenant=Zo%%C3%%AB%%20%d"}`, i))
			require.Contains(t, string(job.Metadata), `"own":9007199254740993`, "not as a float")
		})
	}
	tenant.With("many", func() {
		_, err := client.InsertMany(ctx, []river.InsertManyParams{{Args: greeting{"one"}}, {Args: greeting{"two"}}})
		require.NoError(t, err)
	})
	want["one many"], want["two many"] = 2, 2

	require.NoError(t, client.Start(ctx))
	got := map[string]int{}
	for range 2 * len(want) { // each is tried twice
		got[<-seen]++
	}
	require.Equal(t, want, got)
	require.NoError(t, client.Stop(ctx))
	require.Zero(t, gls.Live())
}
