package policy

import (
	"go/types"
	"regexp"
	"strings"
)

// clients are modules that ask databases, brokers and services for answers.
// Their functions return, except those whose name says that they wait for more.
var clients = strings.Fields(`
	gorm.io github.com/jinzhu/gorm github.com/jmoiron/sqlx github.com/jackc/pgx github.com/lib/pq
	github.com/go-sql-driver/mysql
	github.com/go-pg/pg github.com/uptrace/bun entgo.io/ent xorm.io/xorm github.com/Masterminds/squirrel
	go.mongodb.org/mongo-driver github.com/redis/go-redis github.com/go-redis/redis github.com/gomodule/redigo
	github.com/bradfitz/gomemcache github.com/dgraph-io/badger go.etcd.io/bbolt go.etcd.io/etcd/client
	github.com/syndtr/goleveldb
	github.com/aws/aws-sdk-go github.com/aws/aws-sdk-go-v2 cloud.google.com/go google.golang.org/api
	github.com/Azure/azure-sdk-for-go
	github.com/minio/minio-go github.com/elastic/go-elasticsearch github.com/olivere/elastic
	github.com/segmentio/kafka-go github.com/IBM/sarama github.com/Shopify/sarama
	github.com/confluentinc/confluent-kafka-go
	github.com/nats-io/nats.go github.com/rabbitmq/amqp091-go github.com/streadway/amqp
	github.com/go-resty/resty github.com/hashicorp/go-retryablehttp github.com/hashicorp/vault/api
	github.com/hashicorp/consul/api
	github.com/stripe/stripe-go github.com/twilio/twilio-go github.com/sendgrid/sendgrid-go github.com/slack-go/slack
	gopkg.in/gomail.v2 github.com/wneessen/go-mail github.com/getsentry/sentry-go google.golang.org/grpc`)

// lingers matches the names of functions of clients that wait for what comes.
var lingers = regexp.MustCompile(`(?i)serve|listen|accept|subscri|consum|receive|recv|read|fetch|pop|poll|` +
	`block|wait|watch|stream|tail|follow|monitor|process|start|run|loop|` +
	`campaign|observe|keepalive|next$`)

// answers reports whether fn is a function of a client that returns with an
// answer.
func answers(fn *types.Func) bool {
	if fn.Pkg() == nil || lingers.MatchString(fn.Name()) {
		return false
	}
	path := fn.Pkg().Path()
	for _, c := range clients {
		if path == c || strings.HasPrefix(path, c+"/") {
			return true
		}
	}
	return false
}
