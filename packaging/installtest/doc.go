// Package installtest installs the packages in dist/ for real: the .deb in a
// clean Debian, the installer of Windows under Wine. It holds tests only, and
// they need the build tag packages: see make test-package.
package installtest
