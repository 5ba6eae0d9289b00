# llutray: build, try and test. The two commands to know: make demo, make test.

COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
LDFLAGS := -s -w -X main.commit=$(COMMIT)
SHELL   := /bin/bash

export CGO_ENABLED ?= 0

.PHONY: all build demo test deps vet unit judge desktop test-desktops lint bench fuzz screenshots cross clean

all: build

build: ## the program, into bin/
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/llutray ./cmd/llutray

demo: build ## the whole program on its own simulated sensor (SPEED=60: an hour a minute)
	./bin/llutray demo --speed $(or $(SPEED),1)

test: deps vet unit judge desktop ## everything

deps: ## the Debian packages that the tests use, installed when we may
	@packaging/test-packages.sh

vet: ## gofmt and go vet for every system
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these files'; exit 1; }
	go mod tidy -diff
	go vet ./...
	GOOS=windows go vet ./...
	GOOS=darwin go vet ./...

unit: ## all tests but the desktop's, with the race detector
	CGO_ENABLED=1 go test -race $$(go list ./... | grep -v /desktoptest)

judge: ## the alarm engine on the real traces of 27 people, with its figures
	go test -count=1 -tags judge -run OnTraces -v ./internal/alarm

desktop: ## the real program on a real desktop without a screen
	go test -count=1 ./internal/desktoptest

DESKTOPS ?= sway lxqt kde gnome
test-desktops: deps ## the program on each of DESKTOPS, installed one after the other (docs/desktops.md)
	@set -e; for d in $(DESKTOPS); do \
		packaging/test-packages.sh internal/desktoptest/desktops/$$d.txt; \
		go test -count=1 -tags desktops -timeout 20m -v -run "(?i)^Test$$d" ./internal/desktoptest; done

lint: ## golangci-lint as the project pins it
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run

bench: ## freshness, speed and memory, each against something in the same run
	go test -run '^$$' -bench . -benchmem ./internal/...

FUZZTIME ?= 60s
fuzz: ## each fuzz test for FUZZTIME
	@set -e; for p in $$(go list ./internal/...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p; done; done

screenshots: ## the pictures of the README, from the desktop test
	mkdir -p docs/images
	LLUTRAY_SHOTS=$(CURDIR)/docs/images go test -count=1 -run TestFollow ./internal/desktoptest

cross: ## does it build everywhere?
	GOOS=linux GOARCH=arm64 go build -o /dev/null ./cmd/llutray
	GOOS=windows GOARCH=amd64 go build -ldflags -H=windowsgui -o /dev/null ./cmd/llutray

clean:
	rm -rf bin dist build
