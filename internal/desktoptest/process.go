//go:build linux

package desktoptest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	stopBound    = 5 * time.Second
	commandBound = 20 * time.Second
)

// Process is a program that runs on the desktop.
type Process struct {
	Name string
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

// Start runs a program on the desktop until it ends, is stopped, or the
// desktop ends.
func (d *Desktop) Start(name, program string, args ...string) *Process {
	d.tb.Helper()
	return d.start(name, nil, nil, program, args...)
}

func (d *Desktop) start(name string, stdin io.Reader, extra []*os.File, program string, args ...string) *Process {
	d.tb.Helper()
	d.started++
	p := &Process{Name: name, log: filepath.Join(d.dir, name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	d.must(err)
	p.cmd = exec.Command(program, args...)
	p.cmd.Env, p.cmd.Dir = d.env, d.home
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = stdin, out, out, extra
	// A test that runs out of time panics and runs no cleanup: the kernel then
	// ends what it started.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	d.must(p.cmd.Start())
	d.must(out.Close()) // the child has its own
	go func() {
		_ = p.cmd.Wait() // how it ended is read from ProcessState
		close(p.done)
	}()
	d.processes = append(d.processes, p)
	return p
}

// Pid is the id of the process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Log is what the process has written so far.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Ended reports whether the process is gone, and with which code; -1 stands for
// a signal.
func (p *Process) Ended(within time.Duration) (code int, ended bool) {
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode(), true
	case <-time.After(within):
		return 0, false
	}
}

// Stop ends the process, by force when it does not go.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if _, ended := p.Ended(stopBound); ended {
		return
	}
	p.Kill()
}

// Kill ends the process without a word.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Result is what a command that has ended wrote.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Run runs a command on the desktop to its end.
func (d *Desktop) Run(program string, args ...string) Result {
	d.tb.Helper()
	return d.RunWith("", program, args...)
}

// RunWith is Run with something to read.
func (d *Desktop) RunWith(stdin, program string, args ...string) Result {
	d.tb.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = d.env, d.home
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = time.Second // a child that inherits the pipes must not hold us
	d.must(cmd.Start())
	late := time.AfterFunc(commandBound, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !late.Stop() {
		d.tb.Fatalf("%s %s did not end within %v:\n%s%s", program, strings.Join(args, " "), commandBound, &out, &errs)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		d.must(err)
	}
	return Result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// xdotool acts as the user's hand.
func (d *Desktop) xdotool(args ...string) string {
	d.tb.Helper()
	r := d.Run("xdotool", args...)
	return r.Stdout
}
