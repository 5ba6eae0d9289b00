package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
)

// A line is written in the unit that is in force when it is.
func TestUnitOfARunningWatch(t *testing.T) {
	var out bytes.Buffer
	unit := glucose.MmolPerL
	print, err := printer(&out, "text", func() glucose.Unit { return unit })
	require.NoError(t, err)
	at := time.Now()
	status := func() app.Status {
		return app.NewStatus(glucose.Person{ID: "1", Name: "Em"}, []glucose.Reading{{Time: at, Value: 90, Trend: glucose.Flat}}, unit, glucose.DefaultLimits, nil, at)
	}
	print(status())
	unit = glucose.MgPerDL
	print(status())
	print(app.FaultEvent{Time: at, Person: &app.StatusPerson{ID: "1", Name: "Em"}})
	clock := at.Local().Format("15:04:05")
	require.Equal(t, clock+"  Em: 5.0 mmol/L →\n"+clock+"  Em: 90 mg/dL →\n"+clock+"  Em: Following works.\n", out.String())
	_, err = printer(&out, "xml", nil)
	require.ErrorContains(t, err, "text or json")
}
