package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/nightscout"
	"github.com/llutray/llutray/internal/settings"
)

// renewed has the running program take a secret, and tells when it is in force.
func renewed(paths settings.Paths) string {
	text, err := askRunning(paths, "", "secrets", "", 0)
	switch {
	case errors.Is(err, app.ErrNotRunning):
		return lang.T("llutray reads it when it starts.")
	case err != nil: // one of an older version
		return lang.T("It is in force with the next start of llutray.")
	}
	return text
}

func mqttCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "mqtt", Short: lang.T("Tell values to an MQTT broker and Home Assistant"), Args: noArgs,
		Long: lang.T(`The broker is set in the settings, section [mqtt]. What it is told is in
docs/recipes.md.`),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(secretCommand("password", lang.T("Keep the password of the broker's user"),
		lang.T("Keep the password of the broker's user in the desktop's keyring. It is asked for, or read from standard input."),
		lang.T("Password: "), settings.MQTTSecret, nil))
	return c
}

func nightscoutCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "nightscout", Short: lang.T("Follow Nightscout, upload to it, or stand in for one"), Args: noArgs,
		Long: lang.T(`The site is set in the settings, section [nightscout]. Readings are uploaded only
when nightscout.upload is true: time, value and trend, and no name. The site is
followed only when nightscout.follow is true.`),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		secretCommand("token", lang.T("Keep the access token or the API secret of the site"),
			lang.T("Keep the access token or the API secret of the site in the desktop's keyring. It is asked for, or read from standard input."),
			lang.T("Token: "), settings.NightscoutSecret, func(ctx context.Context, token string) error {
				set, err := settings.Load(settings.DefaultPaths().Settings)
				if err != nil {
					return err
				}
				n := set.Outputs.Nightscout
				if n.Site == "" {
					return usage(lang.E("set the site first: llutray settings set nightscout.site https://…"))
				}
				site := nightscout.Site{URL: n.Site, Secret: token, API: nightscout.API(n.API)}
				if err := site.Check(); err != nil {
					return err
				}
				if n.Follow && !n.Upload { // reading is enough
					_, err := nightscout.NewSource(site, glucose.Person{}, nil).Current(ctx)
					return err
				}
				return nightscout.Verify(ctx, site)
			}),
		serveTokenCommand(),
	)
	return c
}

// secretCommand keeps a secret that is asked for, if check finds it good.
func secretCommand(name, short, long, prompt, key string, check func(ctx context.Context, secret string) error) *cobra.Command {
	var file bool
	c := &cobra.Command{
		Use: name, Short: short, Long: long, Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := askSecret(c, prompt)
			if err != nil {
				return err
			}
			if v == "" {
				return usage(lang.E("nothing was given"))
			}
			ctx, cancel := context.WithTimeout(c.Context(), relayWait)
			defer cancel()
			if check != nil {
				if err := check(ctx, v); err != nil {
					return err
				}
			}
			paths := settings.DefaultPaths()
			if err := openSecrets(paths, file).Set(ctx, key, v); err != nil {
				return lang.E("it could not be kept: %w", err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), renewed(paths))
			return err
		},
	}
	c.Flags().BoolVar(&file, "file", false, lang.T("if there is no keyring, keep it in a file that only you can read"))
	return c
}

// serveTokenCommand prints the one secret that the user needs to see: they
// give it to their widgets.
func serveTokenCommand() *cobra.Command {
	var file bool
	c := &cobra.Command{
		Use: "serve-token", Short: lang.T("Print the token of the endpoint on this computer"), Args: noArgs,
		Long: lang.T("Prints the token that widgets must send to the endpoint of nightscout.port; makes\none if there is none."),
		RunE: func(c *cobra.Command, _ []string) error {
			paths := settings.DefaultPaths()
			secrets := openSecrets(paths, file)
			token, err := secret(c.Context(), secrets, settings.ServeSecret)
			if err != nil {
				return err
			}
			if token == "" {
				token = rand.Text()
				if err := secrets.Set(c.Context(), settings.ServeSecret, token); err != nil {
					return lang.E("it could not be kept: %w", err)
				}
				_ = renewed(paths) // whoever wants the token wants nothing but that
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), token)
			return err
		},
	}
	c.Flags().BoolVar(&file, "file", false, lang.T("if there is no keyring, keep it in a file that only you can read"))
	return c
}
