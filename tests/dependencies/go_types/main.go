// Command go_types prints what Go's own type checker says about the files of a folder: which file
// declares every name that another file uses. See ../truth_go.py.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

var moduleLine = regexp.MustCompile(`(?m)^module[ \t]+"?([^\s"]+)`)

// folder holds the files of one folder that the present build has.
type folder struct {
	path    string // relative, with slashes
	imports string // import path
	plain   []*ast.File
	inside  []*ast.File // tests of the same package
	outside []*ast.File // tests of the _test package
}

type checker struct {
	root    string
	fset    *token.FileSet
	folders map[string]*folder // by path
	byPath  map[string]*folder // by import path
	done    map[string]*types.Package
	busy    map[string]bool
	std     types.ImporterFrom
	out     *bufio.Writer
	errors  int
	missing map[string]bool
}

func main() {
	root, system := os.Args[1], os.Args[2]
	build.Default.GOOS = system
	build.Default.GOARCH = "amd64"
	build.Default.CgoEnabled = false
	c := &checker{
		root:    root,
		fset:    token.NewFileSet(),
		folders: map[string]*folder{},
		byPath:  map[string]*folder{},
		done:    map[string]*types.Package{},
		busy:    map[string]bool{},
		out:     bufio.NewWriter(os.Stdout),
		missing: map[string]bool{},
	}
	c.std = importer.ForCompiler(c.fset, "source", nil).(types.ImporterFrom)
	c.read()
	var paths []string
	for path := range c.folders {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		c.checkFolder(c.folders[path])
	}
	for path := range c.missing {
		fmt.Fprintf(c.out, "missing\t%s\n", path)
	}
	fmt.Fprintf(c.out, "errors\t%d\n", c.errors)
	c.out.Flush()
}

// read parses every file that the build has, and gives folders their import paths.
func (c *checker) read() {
	context := build.Default
	filepath.Walk(c.root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		dir, base := filepath.Split(path)
		if match, err := context.MatchFile(dir, base); err != nil || !match {
			return nil
		}
		file, err := parser.ParseFile(c.fset, path, nil, parser.ParseComments)
		if file == nil || err != nil {
			return nil
		}
		relative := c.relative(path)
		home := filepath.ToSlash(filepath.Dir(relative))
		at := c.folders[home]
		if at == nil {
			at = &folder{path: home}
			c.folders[home] = at
		}
		fmt.Fprintf(c.out, "file\t%s\n", relative)
		switch {
		case !strings.HasSuffix(base, "_test.go"):
			at.plain = append(at.plain, file)
		case strings.HasSuffix(file.Name.Name, "_test"):
			at.outside = append(at.outside, file)
		default:
			at.inside = append(at.inside, file)
		}
		return nil
	})
	for path, at := range c.folders {
		at.imports = c.importPath(path)
		if at.imports != "" {
			c.byPath[at.imports] = at
		}
	}
}

func (c *checker) relative(path string) string {
	relative, _ := filepath.Rel(c.root, path)
	return filepath.ToSlash(relative)
}

// importPath joins the nearest go.mod's module path with the rest of the folder's path.
func (c *checker) importPath(path string) string {
	if at := strings.LastIndex("/"+path, "/vendor/"); at >= 0 {
		return ("/" + path)[at+len("/vendor/"):]
	}
	rest := ""
	for at := path; ; at = filepath.ToSlash(filepath.Dir(at)) {
		text, err := os.ReadFile(filepath.Join(c.root, at, "go.mod"))
		if err == nil {
			if found := moduleLine.FindSubmatch(text); found != nil {
				return strings.TrimSuffix(string(found[1])+"/"+rest, "/")
			}
		}
		if at == "." {
			return ""
		}
		rest = strings.TrimSuffix(filepath.Base(at)+"/"+rest, "/")
	}
}

func (c *checker) Import(path string) (*types.Package, error) {
	return c.ImportFrom(path, "", 0)
}

func (c *checker) ImportFrom(path, dir string, mode types.ImportMode) (*types.Package, error) {
	if at := c.byPath[path]; at != nil {
		if known := c.done[path]; known != nil {
			return known, nil
		}
		if c.busy[path] {
			return nil, fmt.Errorf("import cycle through %s", path)
		}
		c.busy[path] = true
		known := c.check(path, at.plain, nil, c)
		c.done[path] = known
		return known, nil
	}
	known, err := c.std.ImportFrom(path, c.root, 0)
	if err != nil {
		c.missing[path] = true
	}
	return known, err
}

func (c *checker) check(path string, files []*ast.File, info *types.Info, from types.Importer) *types.Package {
	config := types.Config{
		Importer:    from,
		FakeImportC: true,
		Error:       func(error) { c.errors++ },
	}
	known, _ := config.Check(path, c.fset, files, info)
	return known
}

// augmented imports one package together with its own tests.
type augmented struct {
	*checker
	path  string
	known *types.Package
}

func (a augmented) Import(path string) (*types.Package, error) { return a.ImportFrom(path, "", 0) }

func (a augmented) ImportFrom(path, dir string, mode types.ImportMode) (*types.Package, error) {
	if path == a.path && a.known != nil {
		return a.known, nil
	}
	return a.checker.ImportFrom(path, dir, mode)
}

func (c *checker) checkFolder(at *folder) {
	// Programs that are built one by one may share a folder; their names are not each other's.
	byName := map[string][]*ast.File{}
	for _, file := range append(append([]*ast.File{}, at.plain...), at.inside...) {
		byName[file.Name.Name] = append(byName[file.Name.Name], file)
	}
	var names []string
	for name := range byName {
		names = append(names, name)
	}
	sort.Strings(names)
	var whole *types.Package
	for _, name := range names {
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
		known := c.check(at.imports, byName[name], info, c)
		c.report(byName[name], info)
		if len(at.plain) > 0 && name == at.plain[0].Name.Name {
			whole = known
		}
	}
	if len(at.outside) > 0 {
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
		c.check(at.imports+"_test", at.outside, info, augmented{c, at.imports, whole})
		c.report(at.outside, info)
	}
	for _, file := range append(append(append([]*ast.File{}, at.plain...), at.inside...), at.outside...) {
		source := c.relative(c.fset.Position(file.Pos()).Filename)
		for _, spec := range file.Imports {
			line := c.fset.Position(spec.Pos()).Line
			path := strings.Trim(spec.Path.Value, "\"`")
			if target := c.byPath[path]; target != nil {
				for _, each := range target.plain {
					to := c.relative(c.fset.Position(each.Pos()).Filename)
					fmt.Fprintf(c.out, "package\t%s\t%s\t%d\n", source, to, line)
				}
			}
		}
	}
}

func (c *checker) report(files []*ast.File, info *types.Info) {
	called := map[*ast.Ident]bool{}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				if name := nameOf(call.Fun); name != nil {
					called[name] = true
				}
			}
			return true
		})
	}
	for name, object := range info.Uses {
		switch each := object.(type) {
		case *types.Func:
			object = each.Origin()
		case *types.Var:
			object = each.Origin()
		case *types.PkgName, *types.Label:
			continue
		}
		if !object.Pos().IsValid() {
			continue
		}
		from, to := c.fset.Position(name.Pos()), c.fset.Position(object.Pos())
		source, target := c.relative(from.Filename), c.relative(to.Filename)
		if source == target || strings.HasPrefix(target, "../") {
			continue
		}
		kind := "reference"
		if _, ok := object.(*types.Func); ok && called[name] {
			kind = "call"
		}
		fmt.Fprintf(c.out, "use\t%s\t%s\t%d\t%s\t%s\n", source, target, from.Line, name.Name, kind)
	}
}

// nameOf gives the identifier that a call's function ends with.
func nameOf(function ast.Expr) *ast.Ident {
	for {
		switch each := function.(type) {
		case *ast.Ident:
			return each
		case *ast.SelectorExpr:
			return each.Sel
		case *ast.ParenExpr:
			function = each.X
		case *ast.IndexExpr:
			function = each.X
		case *ast.IndexListExpr:
			function = each.X
		default:
			return nil
		}
	}
}
