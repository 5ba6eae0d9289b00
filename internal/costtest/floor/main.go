// Command floor is the least that a program in the tray can be: an icon, a
// title, a tooltip and a menu of one item, with the library that llutray uses.
// With -every it draws and shows another number each time.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"fyne.io/systray"
)

func main() {
	every := flag.Duration("every", 0, "how often the icon changes; 0 for never")
	flag.Parse()
	systray.SetTitle("floor")
	systray.Run(func() {
		show(0)
		quit := systray.AddMenuItem("Quit", "")
		go func() {
			<-quit.ClickedCh
			systray.Quit()
		}()
		if *every > 0 {
			go func() {
				for n := range time.Tick(*every) {
					show(n.Nanosecond())
				}
			}()
		}
	}, nil)
}

func show(n int) {
	m := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		m.Set(i%64, i/64, color.RGBA{uint8(n >> 4), uint8(i), 90, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // memory takes every picture
	}
	systray.SetIcon(b.Bytes())
	systray.SetTitle(fmt.Sprint(n))
	systray.SetTooltip(fmt.Sprint("Value ", n))
}
