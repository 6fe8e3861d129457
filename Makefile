# Development of contextvars. `make help` lists the targets.

GO      ?= go
VERSION ?= v0.1.0
MODULES := $(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path '*/testdata/*' | sort))
ROOT    := ./...

# Every module is tested as a user gets it, not through a workspace.
export GOWORK := off

# How long each stress test runs.
GLS_STRESS ?= 2s
export GLS_STRESS

# How many processes make fresh starts. The whole campaign has 500,000.
FRESH ?= 2000

# Tools run by version, and are no requirement of any module.
AXE      := 4.14.1
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

RELEASES := go1.21.13 go1.22.12 go1.23.12 go1.24.13 go1.25.9 go1.26.8 go1.27.4
# The release that bench/guard/instructions.txt is of.
GUARDED  := go1.26.8
PORTS    := linux/386 linux/arm linux/arm64 linux/riscv64 linux/s390x linux/ppc64le \
            darwin/arm64 windows/amd64 js/wasm wasip1/wasm

.PHONY: all help vet lint check test race safe tiny watched checkptr stress owned fresh model bench bench-scale bench-guard benches \
        releases matrix cross install-tools release-check release ports ports-short suites suites-short browser picture servers loggers migrate-check bench-nats work clean

all: vet lint test ## vet, lint and test

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# each runs the command $(1) in every module.
define each
@set -e; n=0; for m in $(MODULES); do n=$$((n+1)); \
	echo "== $$n/$(words $(MODULES)) $$m: $(1)"; (cd $$m && $(1)); done
endef

vet: ## go vet, every module
	$(call each,$(GO) vet ./...)

lint: ## golangci-lint, every module
	$(call each,$(GO) run $(GOLANGCI) run ./...)

check: vet lint ## vet, golangci-lint and the house rules
	$(GO) test ./internal/lint

test: ## every test of every module
	$(call each,$(GO) test -timeout 30m ./...)

race: ## the root's tests under the race detector
	$(GO) test -race $(ROOT)

safe: ## the root's tests by public runtime API alone, by tag and by environment
	$(GO) test -tags gls_safe $(ROOT)
	GLS_SAFE=1 $(GO) test -count=1 $(ROOT)

tiny: ## the root's tests with one shard and tiny tables
	$(GO) test -race -tags gls_tiny $(ROOT)

watched: ## the tests of what gls doctor sees, in the build that it makes
	$(GO) test -count=1 -tags gls_doctor ./gls/glsdoctor
	$(GO) test -tags gls_doctor -skip Alloc ./gls ./spawn

checkptr: ## the root's tests with checked pointer arithmetic
	$(GO) test -gcflags=all=-d=checkptr $(ROOT)

stress: GLS_STRESS = 60s
stress: ## the stress tests for a minute each, sharded and on one tiny shard
	$(GO) test -race -count=1 -timeout 20m -run Stress ./gls
	$(GO) test -race -count=1 -timeout 20m -tags gls_tiny -run Stress ./gls

owned: ## the root's tests with every owner checked, in Go and around the assembly
	$(GO) test -tags gls_check -timeout 30m $(ROOT)
	$(GO) test -tags gls_check_asm -timeout 30m $(ROOT)

fresh: ## start many short processes that check themselves (FRESH: how many)
	$(GO) run ./internal/fresh -n $(FRESH) -counts bench/results/fresh.json

model: ## model-check the registry, and the jobs of glsnats, with spin
	$(GO) run ./internal/registry/model
	$(GO) -C contrib/glsnats run ./internal/fetch/model

benches: ## one iteration of each benchmark
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

bench: ## measure, and write the report and the README's table (some 15 minutes, 4 GB)
	$(GO) -C bench/peers run . -o ../results -readme ../../README.md

bench-guard: ## compare instruction counts of some operations with the committed ones (needs valgrind)
	GOTOOLCHAIN=$(GUARDED) $(GO) run ./bench/guard

bench-scale: ## first Sets and sweeps beside a million live goroutines (4 GB, a quiet machine)
	$(GO) run ./bench/scale

releases: ## the root's tests on every release of Go
	@set -e; for r in $(RELEASES); do \
		echo "== $$r"; GOTOOLCHAIN=$$r $(GO) test $(ROOT); \
	done

matrix: cross checkptr ## the root's tests on every release, plain, raced and safe
	@set -e; for r in $(RELEASES); do \
		for mode in "" -race "-tags gls_safe"; do \
			echo "== $$r $$mode"; GOTOOLCHAIN=$$r $(GO) test $$mode $(ROOT); \
		done; \
	done

cross: ## vet the root for every port
	@set -e; for p in $(PORTS); do \
		echo "== $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) vet $(ROOT); \
	done

ports: ## the core's tests under wine, node, wazero and qemu, and on 386
	$(GO) run ./internal/ports

ports-short: ## what knows the runtime, on the ports that are quick
	$(GO) run ./internal/ports -short linux/386 windows/amd64 js/wasm linux/arm64

browser: ## our pages in headless Chromium, checked by axe-core too
	npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix test/browser/.npm axe-core@$(AXE)
	$(GO) -C test/browser test -tags gls_browser -count=1 ./...

picture: ## take the README's picture of the debugging page
	GLS_PICTURE=$(CURDIR)/docs/glsdebug.png $(GO) -C test/browser test -tags gls_browser -count=1 -run TestPicture .

servers: ## the tests against real servers, which must be installed
	$(GO) -C test test -tags gls_servers -count=1 ./proxies
	$(GO) -C test/sql test -tags gls_servers -count=1 ./...
	$(GO) -C test/redis test -tags gls_servers -count=1 ./...
	$(GO) -C contrib/recipes test -tags gls_servers -count=1 ./glsamqp

loggers: ## the adapters for loggers with the oldest and newest loggers that docs/loggers.md names
	.ci/loggers $(firstword $(RELEASES))

migrate-check: ## rewrite public programs with gls and run their tests
	$(GO) -C cmd/gls run ./internal/migrate -race

bench-nats: ## spawn over NATS beside plain publish and consume
	$(GO) -C contrib/glsnats run ./bench

suites: ## the Go tree's own tests against this library, on the local and the newest release
	$(GO) run ./internal/suites -go local,$(lastword $(RELEASES)) -o docs/suites.md

suites-short: ## the same without net/http, on the local release
	$(GO) run ./internal/suites -short

release-check: ## rehearse the release VERSION=v0.1.0 in empty folders, behind a module proxy
	$(GO) -C test/release run . -version $(VERSION) -releases "$(RELEASES)"

release: ## rehearse VERSION and tag it; pushing the tags is up to you
	$(GO) -C test/release run . -version $(VERSION) -releases "$(RELEASES)" -publish

install-tools: ## install what the tests of .ci/run need, with apt-get
	.ci/install

.PHONY: chaos upgrade-nats million-nats

chaos: ## a storm of 100,000 jobs, then two minutes of kills, partitions, poison and big jobs
	GLS_STORM=100000 $(GO) -C contrib/glsnats test -count=1 -timeout 15m -v -run TestStorm .
	GLS_CHAOS=2m $(GO) -C contrib/glsnats test -count=1 -timeout 15m -v -run TestChaos .

upgrade-nats: ## a rolling upgrade of NATS servers from 2.10, under load
	$(GO) -C contrib/glsnats test -count=1 -timeout 15m -tags gls_upgrade -v -run TestUpgrade .

million-nats: ## 10^6 jobs with identity checked in each, and 10^6 queued
	$(GO) -C contrib/glsnats run ./bench/million

work: ## make a go.work of all modules, for editors; it is not committed
	rm -f go.work go.work.sum
	GOWORK= $(GO) work init $(MODULES)

clean: ## remove what make work and test binaries leave
	rm -f go.work go.work.sum
	find . -name '*.test' -delete
