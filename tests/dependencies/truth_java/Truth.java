import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.ProvidesTree;
import com.sun.source.tree.RequiresTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UsesTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.TypeElement;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Prints what the compiler resolved in every Java file below a folder, as tab-separated lines.
 *
 * <p>Usage: java Truth.java ROOT OUT [CLASSPATH]. A line is source, target, line, name, kind, where
 * kind is import, mention (a type is named), reference, call or inherit, and the target is the
 * file that declares what was resolved. Only names that stand in the text count: what the compiler
 * adds by itself (default constructors, types of lambda parameters) is checked against the text.
 */
public final class Truth {
    private final Path root;
    private final Map<String, String> fileOf = new HashMap<>();
    private final TreeSet<String> lines = new TreeSet<>();
    private Trees trees;
    private JavacTask task;

    private Truth(Path root) {
        this.root = root;
    }

    public static void main(String[] arguments) throws IOException {
        Truth truth = new Truth(Path.of(arguments[0]).toRealPath());
        truth.run(arguments.length > 2 ? arguments[2] : "");
        try (PrintWriter out = new PrintWriter(arguments[1], StandardCharsets.UTF_8)) {
            truth.lines.forEach(out::println);
        }
    }

    private void run(String classpath) throws IOException {
        List<Path> files;
        List<Path> modules;
        try (Stream<Path> all = Files.walk(root)) {
            List<Path> found =
                    all.filter(each -> each.toString().endsWith(".java")).sorted().toList();
            modules = found.stream().filter(Truth::isModule).toList();
            files = found.stream().filter(each -> !isModule(each)).toList();
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        // All folders as one module, so that several module-info files do not shut each other out.
        List<String> options = new ArrayList<>(
                List.of("-proc:none", "-XDshould-stop.ifError=FLOW", "-Xmaxerrs", "100000", "-nowarn"));
        if (!classpath.isEmpty()) {
            options.addAll(List.of("-classpath", classpath));
        }
        int[] errors = {0};
        task = (JavacTask) compiler.getTask(
                null, manager, message -> errors[0]++, options, null,
                manager.getJavaFileObjectsFromPaths(files));
        trees = Trees.instance(task);
        List<CompilationUnitTree> units = new ArrayList<>();
        task.parse().forEach(units::add);
        task.analyze();
        for (CompilationUnitTree unit : units) {
            String file = relative(unit.getSourceFile());
            new TreePathScanner<Void, Void>() {
                @Override
                public Void visitClass(ClassTree tree, Void nothing) {
                    Element element = trees.getElement(getCurrentPath());
                    if (element != null && !tree.getSimpleName().isEmpty()) {
                        fileOf.putIfAbsent(((TypeElement) element).toString() + "@" + System.identityHashCode(element), file);
                    }
                    return super.visitClass(tree, null);
                }
            }.scan(unit, null);
        }
        for (CompilationUnitTree unit : units) {
            new Scan(unit).scan(unit, null);
        }
        scanModules(modules, compiler, manager);
        System.err.println(files.size() + " files, " + errors[0] + " messages");
    }

    private static boolean isModule(Path path) {
        return path.getFileName().toString().equals("module-info.java");
    }

    private String relative(JavaFileObject file) {
        return root.relativize(Path.of(file.toUri())).toString();
    }

    /** The file that declares an element, or null where that is not one of the set. */
    private String declaring(Element element) {
        for (Element each = element; each != null; each = each.getEnclosingElement()) {
            if (each instanceof TypeElement) {
                String file = fileOf.get(each + "@" + System.identityHashCode(each));
                if (file != null) {
                    return file;
                }
            }
        }
        return null;
    }

    private void scanModules(List<Path> modules, JavaCompiler compiler, StandardJavaFileManager manager)
            throws IOException {
        Map<String, String> moduleFile = new HashMap<>();
        List<CompilationUnitTree> units = new ArrayList<>();
        for (Path each : modules) {
            JavacTask parser = (JavacTask) compiler.getTask(
                    null, manager, message -> {}, List.of(), null, manager.getJavaFileObjectsFromPaths(List.of(each)));
            for (CompilationUnitTree unit : parser.parse()) {
                units.add(unit);
                moduleFile.put(unit.getModule().getName().toString(), relative(unit.getSourceFile()));
            }
        }
        for (CompilationUnitTree unit : units) {
            String source = relative(unit.getSourceFile());
            SourcePositions positions = trees.getSourcePositions();
            for (Tree directive : unit.getModule().getDirectives()) {
                List<Tree> named = new ArrayList<>();
                if (directive instanceof RequiresTree requires) {
                    String name = requires.getModuleName().toString();
                    String target = moduleFile.get(name);
                    long at = positions.getStartPosition(unit, directive);
                    if (target != null) {
                        add(source, target, unit.getLineMap().getLineNumber(at), name, "import");
                    }
                } else if (directive instanceof UsesTree uses) {
                    named.add(uses.getServiceName());
                } else if (directive instanceof ProvidesTree provides) {
                    named.add(provides.getServiceName());
                    named.addAll(provides.getImplementationNames());
                }
                for (Tree each : named) {
                    Element element = task.getElements().getTypeElement(each.toString());
                    String target = element == null ? null : declaring(element);
                    long at = positions.getStartPosition(unit, directive);
                    if (target != null) {
                        long line = unit.getLineMap().getLineNumber(at);
                        add(source, target, line, element.getSimpleName().toString(), "mention");
                    }
                }
            }
        }
    }

    private void add(String source, String target, long line, String name, String kind) {
        lines.add(Stream.of(source, target, Long.toString(line), name, kind).collect(Collectors.joining("\t")));
    }

    private final class Scan extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final String source;
        private final String text;
        private final SourcePositions positions = trees.getSourcePositions();

        Scan(CompilationUnitTree unit) throws IOException {
            this.unit = unit;
            this.source = relative(unit.getSourceFile());
            this.text = unit.getSourceFile().getCharContent(true).toString();
        }

        /** Line of the last name of a tree, or -1 where the text does not have it there. */
        private long lineOfName(Tree tree, String name) {
            long end = positions.getEndPosition(unit, tree);
            long start = end - name.length();
            if (end < 0 || start < 0 || !text.startsWith(name, (int) start)) {
                return -1;
            }
            return unit.getLineMap().getLineNumber(start);
        }

        private void record(Element element, long line, String name, String kind) {
            String target = element == null ? null : declaring(element);
            if (target != null && line > 0) {
                add(source, target, line, name, kind);
            }
        }

        @Override
        public Void visitImport(ImportTree tree, Void nothing) {
            MemberSelectTree select = (MemberSelectTree) tree.getQualifiedIdentifier();
            Tree named = select;
            TreePath path = new TreePath(getCurrentPath(), select);
            boolean all = select.getIdentifier().contentEquals("*");
            if (tree.isStatic() || all) {
                named = select.getExpression();
                path = new TreePath(path, named);
            }
            Element element = trees.getElement(path);
            if (element instanceof TypeElement) {
                long at = positions.getStartPosition(unit, named);
                record(element, unit.getLineMap().getLineNumber(at), element.getSimpleName().toString(), "import");
            }
            return null;
        }

        @Override
        public Void visitIdentifier(IdentifierTree tree, Void nothing) {
            named(tree, tree.getName().toString());
            return null;
        }

        @Override
        public Void visitMemberSelect(MemberSelectTree tree, Void nothing) {
            named(tree, tree.getIdentifier().toString());
            return super.visitMemberSelect(tree, null);
        }

        @Override
        public Void visitMemberReference(MemberReferenceTree tree, Void nothing) {
            Element element = trees.getElement(getCurrentPath());
            if (element != null) {
                boolean making = element.getKind() == ElementKind.CONSTRUCTOR;
                String name = (making ? element.getEnclosingElement() : element).getSimpleName().toString();
                long end = positions.getEndPosition(unit, tree);
                record(element, end < 0 ? -1 : unit.getLineMap().getLineNumber(end - 1), name, "reference");
            }
            return super.visitMemberReference(tree, null);
        }

        private void named(Tree tree, String name) {
            Element element = trees.getElement(getCurrentPath());
            if (element == null || name.equals("this") || name.equals("class")) {
                return;
            }
            long line = lineOfName(tree, name);
            switch (element.getKind()) {
                case CLASS, INTERFACE, ENUM, RECORD, ANNOTATION_TYPE -> {
                    if (name.equals("super")) {
                        return;
                    }
                    record(element, line, name, "mention");
                    String kind = role(tree);
                    if (kind.equals("call")) {
                        return;
                    }
                    record(element, line, name, kind);
                }
                case METHOD -> {
                    Tree above = getCurrentPath().getParentPath().getLeaf();
                    // An annotation's `key = value` names a method and calls nothing.
                    if (above instanceof MethodInvocationTree) {
                        record(element, line, name, "call");
                    }
                }
                case CONSTRUCTOR -> {
                    String type = element.getEnclosingElement().getSimpleName().toString();
                    record(element, line, type, "call");
                }
                case FIELD, ENUM_CONSTANT -> record(element, line, name, "reference");
                default -> { }
            }
        }

        /** What a type's name does where it stands: it is inherited from, made, or referred to. */
        private String role(Tree tree) {
            TreePath path = getCurrentPath();
            Tree child = tree;
            TreePath above = path.getParentPath();
            if (above.getLeaf() instanceof ParameterizedTypeTree generic && generic.getType() == child) {
                child = generic;
                above = above.getParentPath();
            }
            if (above.getLeaf() instanceof ClassTree type) {
                return type.getExtendsClause() == child || type.getImplementsClause().contains(child)
                        ? "inherit" : "reference";
            }
            if (above.getLeaf() instanceof NewClassTree made && made.getIdentifier() == child) {
                return made.getClassBody() == null ? "call" : "inherit";
            }
            return "reference";
        }

        @Override
        public Void visitNewClass(NewClassTree tree, Void nothing) {
            if (tree.getClassBody() == null) {
                Tree made = tree.getIdentifier();
                if (made instanceof ParameterizedTypeTree generic) {
                    made = generic.getType();
                }
                Element element = trees.getElement(getCurrentPath());
                if (element != null) {
                    String name = element.getEnclosingElement().getSimpleName().toString();
                    record(element, lineOfName(made, name), name, "call");
                }
                return super.visitNewClass(tree, null);
            }
            // The class body repeats the type as its parent; it is scanned once, where it is written.
            scan(tree.getEnclosingExpression(), null);
            scan(tree.getIdentifier(), null);
            scan(tree.getTypeArguments(), null);
            scan(tree.getArguments(), null);
            scan(tree.getClassBody().getMembers(), null);
            return null;
        }
    }
}
