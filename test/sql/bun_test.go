package sql_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

// A memo knows whose it is by a hook.
type memo struct {
	ID     int64 `bun:",pk,autoincrement"`
	Text   string
	Tenant string
}

// BeforeAppendModel is called by bun.
func (m *memo) BeforeAppendModel(context.Context, bun.Query) error {
	m.Tenant = tenant.Get()
	return nil
}

// TestBun is given a pool of glssql. Hooks and statements are on the goroutine
// that calls bun.
func TestBun(t *testing.T) {
	ctx := context.Background()
	db := bun.NewDB(open(t, glssql.Comment(tenant)), sqlitedialect.New())
	_, err := db.NewCreateTable().Model((*memo)(nil)).Exec(ctx)
	require.NoError(t, err)
	var wg spawn.WaitGroup
	const tenants, memos = 4, 5
	for i := range tenants {
		name := fmt.Sprint("tenant-", i)
		defer tenant.Set(name).Reset()
		wg.Go(func() {
			for range memos {
				if _, err := db.NewInsert().Model(&memo{Text: name}).Exec(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	right, err := db.NewSelect().Model((*memo)(nil)).Where("tenant = text").Count(ctx)
	require.NoError(t, err)
	require.EqualValues(t, tenants*memos, right)

	defer tenant.Set("acme").Reset()
	_, err = db.NewRaw(`CREATE VIEW seen AS SELECT 1`).Exec(ctx)
	require.NoError(t, err)
	var text string
	require.NoError(t, db.NewRaw(`SELECT sql FROM sqlite_master WHERE name = ?`, "seen").Scan(ctx, &text))
	require.Equal(t, `CREATE VIEW seen AS SELECT 1 /*tenant='acme'*/`, text)
}
