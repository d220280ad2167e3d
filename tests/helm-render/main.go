// Renders a chart as "helm template" does, for machines without helm: the same template engine and the same library of functions, with
// what helm adds to them; and for many values in one run. Reads a JSON array of values from standard input, each
// merged over values.yaml and rendered.
//
//	helm-render <chart> <release> <namespace>
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type object = map[string]interface{}

// How helm names templates; "include (print $.Template.BasePath ...)" finds them by it.
const base = "platform/templates/"

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: helm-render <chart> <release> <namespace> < values.json"))
	}
	chart := os.Args[1]
	about, given := object{}, []object{}
	readYaml(filepath.Join(chart, "Chart.yaml"), &about)
	fail(json.NewDecoder(os.Stdin).Decode(&given))
	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	fail(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		fail(err)
		_, err = root.New(base + filepath.Base(file)).Parse(string(text))
		fail(err)
	}

	defaults := object{}
	readYaml(filepath.Join(chart, "values.yaml"), &defaults)
	seen := map[string]bool{}
	for _, values := range given {
		all := copyOf(defaults)
		merge(all, values)
		for _, file := range files {
			var out bytes.Buffer
			if err := root.ExecuteTemplate(&out, base+filepath.Base(file), dotOf(chart, about, all)); err != nil {
				fail(fmt.Errorf("%s: %w", toJson(values), err))
			}
			// Many values, few different documents: each is written once.
			if text := out.String(); strings.HasSuffix(file, ".yaml") && strings.TrimSpace(text) != "" && !seen[text] {
				seen[text] = true
				fmt.Printf("---\n# Source: %s\n%s\n", filepath.Base(file), text)
			}
		}
	}
}

func dotOf(chart string, about, values object) object {
	return object{
		"Values":       values,
		"Chart":        object{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]},
		"Release":      object{"Name": os.Args[2], "Namespace": os.Args[3], "Service": "Helm", "Revision": 1, "IsInstall": true, "IsUpgrade": false},
		"Files":        filesOf{chart},
		"Template":     object{"BasePath": strings.TrimSuffix(base, "/")},
		"Capabilities": object{"KubeVersion": object{"Version": "v1.31.0"}},
	}
}

func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(text), "\n")
	}
	all["toJson"] = toJson
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	all["include"] = func(name string, dot interface{}) (string, error) {
		var out bytes.Buffer
		err := root.ExecuteTemplate(&out, name, dot)
		return out.String(), err
	}
	return all
}

// What helm's .Files gives a template.
type filesOf struct{ chart string }

func (files filesOf) Get(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(files.chart, name))
	return string(text), err
}

func toJson(value interface{}) string {
	text, err := json.Marshal(value)
	fail(err)
	return string(text)
}

func readYaml(file string, into *object) {
	text, err := os.ReadFile(file)
	fail(err)
	fail(yaml.Unmarshal(text, into))
}

// The maps anew, since merge changes them; lists are only ever replaced.
func copyOf(values object) object {
	copied := object{}
	for key, value := range values {
		if inner, isMap := value.(object); isMap {
			copied[key] = copyOf(inner)
		} else {
			copied[key] = value
		}
	}
	return copied
}

// Maps key by key, everything else as a whole; null takes a key away, as helm has it.
func merge(into, from object) {
	for key, value := range from {
		inner, isMap := value.(object)
		outer, wasMap := into[key].(object)
		switch {
		case value == nil:
			delete(into, key)
		case isMap && wasMap:
			merge(outer, inner)
		default:
			into[key] = value
		}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
