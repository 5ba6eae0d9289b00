#!/usr/bin/env bash
# Signs and notarises llutray.app on a Mac, for whoever has an Apple developer
# account; without it macOS asks the user to allow the program (docs/install.md).
#
#   IDENTITY="Developer ID Application: NAME (TEAM)" PROFILE=NAME packaging/macos/sign.sh llutray.app
#
# PROFILE is what "xcrun notarytool store-credentials" has stored; without it the
# program is signed but not notarised.
set -euo pipefail
app=${1:?use it as: sign.sh llutray.app}
: "${IDENTITY:?set IDENTITY to a Developer ID; security find-identity -v -p codesigning lists them}"

codesign --force --options runtime --timestamp --sign "$IDENTITY" "$app"
codesign --verify --strict --verbose=2 "$app"
[ -n "${PROFILE:-}" ] || exit 0

zip=$(mktemp -d)/llutray.zip
ditto -c -k --keepParent "$app" "$zip"
xcrun notarytool submit "$zip" --keychain-profile "$PROFILE" --wait
xcrun stapler staple "$app"
rm -r "$(dirname "$zip")"
