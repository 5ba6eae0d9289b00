// Command build makes the packages of llutray: everything a release consists
// of, in dist/. The same commit built twice gives the same bytes, wherever the
// folder is: times are the commit's, paths are trimmed, archives are sorted.
//
//	go run ./packaging/build            # all that can be made on Linux
//	go run ./packaging/build -only deb  # a part of it
//	go run ./packaging/build -only macos -binary llutray
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/packaging"
)

// The tools that are run, pinned.
const (
	toolNFPM      = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"
	toolResources = "github.com/josephspurrier/goversioninfo/cmd/goversioninfo@v1.7.0"
	toolSBOM      = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"
)

// onLinux are the parts that Linux can make. The tray of macOS needs a Mac.
const onLinux = "deb,rpm,archlinux,tar,windows"

// build is one run: of what, to where.
type build struct {
	root    string // of the source
	work    string // for what is in between
	dist    string
	version string
	commit  string
	time    time.Time         // the commit's
	archs   []string          // of Linux
	staged  map[string]string // by machine, see stage
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	only := flags.String("only", onLinux, "what to build; macos too")
	dist := flags.String("dist", "dist", "folder for the packages; what is in it goes")
	version := flags.String("version", packaging.Version, "another version than that of the file VERSION, to test upgrades")
	archs := flags.String("arch", "amd64,arm64", "machines of the Linux packages")
	binary := flags.String("binary", "", "for macos: the program, built on a Mac")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b, err := newBuild(ctx, *dist, *version)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.work) }()
	b.archs = strings.Split(*archs, ",")
	for _, part := range strings.Split(*only, ",") {
		start := time.Now()
		switch part {
		case "deb", "rpm", "archlinux", "tar":
			err = b.linux(ctx, part)
		case "windows":
			err = b.windows(ctx)
		case "macos":
			err = b.macos(*binary)
		default:
			err = errors.New("there is no such part")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		fmt.Fprintf(os.Stderr, "%-10s %5.1f s\n", part, time.Since(start).Seconds())
	}
	return b.checksums()
}

func newBuild(ctx context.Context, dist, version string) (*build, error) {
	b := &build{version: version, staged: map[string]string{}}
	var err error
	if b.root, err = os.Getwd(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(b.root, "packaging", "VERSION")); err != nil {
		return nil, errors.New("run it in the project's first folder")
	}
	if b.time, b.commit, err = commit(ctx); err != nil {
		return nil, err
	}
	if b.dist, err = filepath.Abs(dist); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(b.dist); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.dist, 0o755); err != nil {
		return nil, err
	}
	b.work, err = os.MkdirTemp("", "llutray-package-")
	return b, err
}

// commit returns time and name of what is built. Sources without git say the
// time by SOURCE_DATE_EPOCH, as reproducible-builds.org has it.
func commit(ctx context.Context) (time.Time, string, error) {
	stamp, name := os.Getenv("SOURCE_DATE_EPOCH"), "unknown"
	if out, err := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct %H").Output(); err == nil {
		fields := strings.Fields(string(out))
		name = fields[1][:12]
		if stamp == "" {
			stamp = fields[0]
		}
		if changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain").Output(); err != nil || len(changed) > 0 {
			name += "+changes"
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return time.Time{}, "", errors.New("there is no git here; set SOURCE_DATE_EPOCH to the time of the release")
	}
	return time.Unix(seconds, 0).UTC(), name, nil
}

// goBuild builds the program for a system.
func (b *build) goBuild(ctx context.Context, to, goos, goarch string, flags ...string) error {
	overlay, err := b.overlay()
	if err != nil {
		return err
	}
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-overlay", overlay}, compilerFlags()...)
	args = append(args,
		"-ldflags", strings.Join(append(flags, "-s", "-w", "-buildid=", "-X", "main.commit="+b.commit), " "),
		"-o", to, "./cmd/llutray")
	return b.run(ctx, b.root, []string{"GOOS=" + goos, "GOARCH=" + goarch}, "go", args...)
}

//go:embed gcflags
var gcflags string

// compilerFlags are the arguments of go build that the file gcflags holds.
func compilerFlags() []string {
	var flags []string
	for l := range strings.Lines(gcflags) {
		if !strings.HasPrefix(l, "#") {
			flags = append(flags, "-gcflags="+strings.TrimSpace(l))
		}
	}
	return flags
}

// overlay makes the version of this run the program's own.
func (b *build) overlay() (string, error) {
	version := filepath.Join(b.work, "VERSION")
	if err := b.write(version, []byte(b.version+"\n"), 0o644); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(b.root, "packaging", "VERSION"): version,
	}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(b.work, "overlay.json")
	return overlay, b.write(overlay, text, 0o644)
}

// tool runs a Go tool on this computer.
func (b *build) tool(ctx context.Context, dir string, env []string, module string, args ...string) error {
	return b.run(ctx, dir, env, "go", append([]string{"run", "-trimpath", module}, args...)...)
}

func (b *build) run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOAMD64=v1", "TZ=UTC", "LC_ALL=C.UTF-8",
		"SOURCE_DATE_EPOCH="+strconv.FormatInt(b.time.Unix(), 10))
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// sbom writes the software bill of materials of a program that was built, in
// CycloneDX, beside its packages.
func (b *build) sbom(ctx context.Context, program, system string) error {
	out := filepath.Join(b.dist, fmt.Sprintf("llutray-%s-%s.cdx.json", b.version, system))
	return b.tool(ctx, b.work, nil, toolSBOM, "bin", "-json", "-std", "-noserial", "-notimestamp",
		"-version", "v"+b.version, "-output", out, program)
}
