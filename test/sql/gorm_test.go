//go:build gls_servers

package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

// A note knows whose it is by a hook.
type note struct {
	ID     uint
	Text   string
	Tenant string
}

// BeforeCreate is called by gorm.
func (n *note) BeforeCreate(*gorm.DB) error {
	n.Tenant = tenant.Get()
	return nil
}

// TestGorm is given a pool of glssql. Hooks and statements are on the goroutine
// that calls gorm, also those in a transaction.
func TestGorm(t *testing.T) {
	dsn, log := startPostgres(t)
	pool, err := glssql.Open("pgx", dsn, glssql.Comment(tenant))
	require.NoError(t, err)
	closeLater(t, pool)
	db, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: pool}), new(gorm.Config))
	require.NoError(t, err)
	require.NoError(t, db.AutoMigrate(new(note)))

	var wg spawn.WaitGroup
	const tenants, notes = 4, 5
	for i := range tenants {
		name := fmt.Sprint("tenant-", i)
		defer tenant.Set(name).Reset()
		wg.Go(func() {
			for range notes {
				err := db.Transaction(func(tx *gorm.DB) error {
					return tx.Create(&note{Text: name}).Error
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var wrong int64
	require.NoError(t, db.Model(new(note)).Where("tenant <> text").Count(&wrong).Error)
	require.Zero(t, wrong)
	var all []note
	require.NoError(t, db.Find(&all).Error)
	require.Len(t, all, tenants*notes)

	inserts := func() (texts []string) {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, `INSERT INTO "notes"`) && (strings.Contains(line, "execute ") || strings.Contains(line, "statement: ")) {
				texts = append(texts, line)
			}
		}
		return texts
	}
	require.Eventually(t, func() bool { return len(inserts()) == tenants*notes }, time.Minute, time.Millisecond, "%s", log)
	for i := range tenants {
		comment := fmt.Sprintf("/*tenant='tenant-%d'*/", i)
		require.Equal(t, notes, strings.Count(strings.Join(inserts(), ""), comment))
	}
}
