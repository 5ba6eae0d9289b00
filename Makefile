# llutray: build, try and test. The two commands to know: make demo, make test.

COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
LDFLAGS := -s -w -X main.commit=$(COMMIT)
GCFLAGS := $(addprefix -gcflags=,$(shell grep -v '^\#' packaging/build/gcflags))
SHELL   := /bin/bash

export CGO_ENABLED ?= 0

.PHONY: all build demo test deps vet unit chaos leaks leaks-windows faults judge desktop test-desktops browser axe words lint vuln bench fuzz fuzz-short screenshots cross package package-macos test-package reproducible clean

all: build

build: ## the program, into bin/
	go build -trimpath $(GCFLAGS) -ldflags '$(LDFLAGS)' -o bin/llutray ./cmd/llutray

demo: build ## the whole program on its own simulated sensor (SPEED=60: an hour a minute)
	./bin/llutray demo --speed $(or $(SPEED),1)

test: deps vet unit fuzz-short chaos judge desktop browser ## everything

deps: ## the Debian packages that the tests use, installed when we may
	@packaging/test-packages.sh

vet: ## gofmt and go vet for every system
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these files'; exit 1; }
	go mod tidy -diff
	go vet ./...
	GOOS=windows go vet ./...
	GOOS=darwin go vet ./...

unit: ## all tests but chaos, the desktop's and the browser's, with the race detector
	CGO_ENABLED=1 go test -race -timeout 20m $$(go list ./... | grep -v -e /desktoptest -e /pagetest -e /chaos)

SEEDS ?= 200
SEED  ?= 1
chaos: ## the whole program in worlds where everything breaks (SEEDS=10000 for more of them)
	go test -count=1 -timeout 8h ./internal/chaos -seeds $(SEEDS) -seed $(SEED)
	CGO_ENABLED=1 go test -race -count=1 -timeout 20m ./internal/chaos -seeds 10 -seed $(SEED)

leaks: ## 100,000 updates of the tray against a private bus: nothing may grow
	LLUTRAY_UPDATES=100000 go test -count=1 -timeout 30m -run TestBusLeaksNothing -v ./internal/tray

leaks-windows: ## 20,000 of the Windows build under Wine: no handle more
	@packaging/test-packages.sh internal/desktoptest/desktops/windows.txt
	LLUTRAY_UPDATES=20000 go test -count=1 -tags desktops -timeout 20m -run TestWindowsHandles -v ./internal/desktoptest

FAULTS := KilledAgainAndAgain|DamagedFiles|SettingsComeBack|FullDisk|DiskFillsUp|SettingsSavedAllTheTime|ClicksAllTheTime|EveryScenario|FollowsOnAfterNonsense|SignsInAfterNonsense|FoldersThatCannotBeWritten|HomeThatCannotBeWritten|NetworkCut|NotificationsFail|NotificationServiceDies|MessagesOfTheRunBefore|NotificationsByCommand|BusGoneAndBack|KeyringAtTheStart|KeyringInMidRun
faults: ## the real program killed, with bad files and disks, without network, bus, messages or keyring; some of it as root (KILLS=100)
	LLUTRAY_KILLS=$(or $(KILLS),100) go test -count=1 -timeout 20m -v -run '^Test($(FAULTS))$$' ./cmd/llutray
	go test -count=1 -v -run '^TestBus(ClicksAllTheTime|ComesBack)$$' ./internal/tray

judge: ## the alarm engine on the real traces of 27 people, with its figures
	go test -count=1 -tags judge -run OnTraces -v ./internal/alarm

desktop: ## the real program on a real desktop without a screen
	go test -count=1 ./internal/desktoptest

DESKTOPS ?= xfce sway lxqt kde gnome windows
test-desktops: deps ## the program on each of DESKTOPS, installed one after the other (docs/desktops.md)
	@set -e; for d in $(DESKTOPS); do \
		packaging/test-packages.sh internal/desktoptest/desktops/$$d.txt; \
		go test -count=1 -tags desktops -timeout 20m -v -run "(?i)^Test($$d|PackageLists)" ./internal/desktoptest; done

browser: axe ## the real page in a real browser
	go test -count=1 ./internal/pagetest

words: ## the texts of the source into the catalogues of internal/lang, and those into the program
	go generate ./internal/lang

axe: ## axe-core from npm, without which the tests with a browser are skipped
	! command -v npm >/dev/null || npm ci --prefix internal/pagetest --ignore-scripts --no-audit --no-fund --silent

lint: ## golangci-lint as the project pins it
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run

vuln: ## known weaknesses in what is linked, asked of vuln.go.dev
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./cmd/llutray
	go run -exec 'env GOOS=windows' golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./cmd/llutray

bench: ## freshness, speed and memory, each against something in the same run
	go test -run '^$$' -bench . -benchmem $$(go list ./internal/... | grep -v /costtest)
	go test -run '^$$' -bench Start -benchtime 7x -timeout 20m ./internal/costtest
	go test -run '^$$' -bench Hour -timeout 60m ./internal/costtest

FUZZTIME ?= 60s
fuzz: ## each fuzz test for FUZZTIME
	@set -e; for p in $$(go list ./internal/...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$p; done; done

FUZZRUNS ?= 1000
fuzz-short: ## each fuzz test FUZZRUNS times, about a minute in all
	@packaging/fuzz.sh $(FUZZRUNS)

PAGE_SHOTS := now-1280-light alarms-1280-dark report-1280-light now-360-dark urgent-360-light
screenshots: axe ## the pictures of the README, from the tests of desktop and page
	mkdir -p docs/images
	LLUTRAY_SHOTS=$(CURDIR)/docs/images go test -count=1 -run 'TestFollow|TestGerman' ./internal/desktoptest
	LLUTRAY_SHOTS=$(CURDIR)/build/page go test -count=1 -run 'TestViews|TestStates' ./internal/pagetest
	for s in $(PAGE_SHOTS); do cp build/page/$$s.png docs/images/page-$$s.png; done

cross: ## does it build everywhere?
	GOOS=linux GOARCH=arm64 go build -o /dev/null ./cmd/llutray
	GOOS=windows GOARCH=amd64 go build -ldflags -H=windowsgui -o /dev/null ./cmd/llutray

package: ## everything a release consists of, into dist/
	@packaging/test-packages.sh packaging/build/packages.txt
	go run ./packaging/build

package-macos: ## llutray.app for both kinds of Mac, on a Mac
	for arch in amd64 arm64; do \
		CGO_ENABLED=1 GOARCH=$$arch go build -trimpath -buildvcs=false $(GCFLAGS) -ldflags '$(LDFLAGS) -buildid=' -o build/llutray-$$arch ./cmd/llutray || exit 1; done
	lipo -create -output build/llutray build/llutray-amd64 build/llutray-arm64
	go run ./packaging/build -only macos -binary build/llutray
	rm -rf build/macos && mkdir -p build/macos && unzip -q dist/llutray-*-macos.zip -d build/macos

test-package: package ## the packages installed for real: in a clean Debian, and under Wine
	@packaging/test-packages.sh internal/desktoptest/packages.txt packaging/installtest/packages.txt
	go test -count=1 -timeout 20m -tags packages -v ./packaging/installtest
	go test -count=1 -timeout 20m -tags packages -v -run TestFirstRun ./internal/desktoptest

reproducible: ## builds this commit twice, in two places, and compares the bytes
	packaging/reproducible.sh

clean:
	rm -rf bin dist build
