<?php
/**
 * Ground truth of PHP dependencies: `php truth_php.php ROOT > OUT.json`.
 *
 * nikic/php-parser (Debian: php-parser) resolves every name of a file to its full form; a file edge
 * goes to each file of ROOT that declares it. Nothing of ROOT is run. `use` statements count where
 * they name something that a file declares.
 */
require '/usr/share/php/PhpParser/autoload.php';

use PhpParser\Node;
use PhpParser\NodeTraverser;
use PhpParser\NodeVisitor\NameResolver;
use PhpParser\NodeVisitorAbstract;
use PhpParser\ParserFactory;

class Names extends NodeVisitorAbstract
{
    public array $declared = [];
    public array $used = [];

    public function enterNode(Node $node)
    {
        if ($node instanceof Node\Stmt\ClassLike && isset($node->namespacedName)) {
            $this->declared[] = 'class:' . strtolower($node->namespacedName->toString());
        } elseif ($node instanceof Node\Stmt\Function_) {
            $this->declared[] = 'function:' . strtolower($node->namespacedName->toString());
        } elseif ($node instanceof Node\Stmt\Const_) {
            foreach ($node->consts as $each) {
                $this->declared[] = 'const:' . $each->namespacedName->toString();
            }
        } elseif ($node instanceof Node\Expr\FuncCall && $node->name instanceof Node\Name) {
            $this->name($node->name, 'function');
            $node->name->setAttribute('seen', true);
        } elseif ($node instanceof Node\Expr\ConstFetch) {
            $this->name($node->name, 'const');
            $node->name->setAttribute('seen', true);
        } elseif ($node instanceof Node\Stmt\Use_ || $node instanceof Node\Stmt\GroupUse) {
            $this->uses($node);
            return NodeTraverser::DONT_TRAVERSE_CHILDREN;
        } elseif ($node instanceof Node\Stmt\Namespace_ && $node->name) {
            $node->name->setAttribute('seen', true);
        } elseif ($node instanceof Node\Name && !$node->getAttribute('seen')) {
            $this->name($node, 'class');
        }
        return null;
    }

    private function name(Node\Name $name, string $what): void
    {
        $full = $name->getAttribute('namespacedName');
        $names = $full ? [$full->toString(), $name->toString()] : [$name->toString()];
        if ($name->getAttribute('resolvedName')) {
            $names = [$name->getAttribute('resolvedName')->toString()];
        }
        $this->used[] = [$what, $names, $name->getStartLine()];
    }

    private function uses($node): void
    {
        $kinds = [1 => 'class', 2 => 'function', 3 => 'const'];
        $prefix = $node instanceof Node\Stmt\GroupUse ? $node->prefix->toString() . '\\' : '';
        foreach ($node->uses as $each) {
            $kind = $kinds[$node->type ?: $each->type] ?? 'class';
            $this->used[] = [$kind, [$prefix . $each->name->toString()], $each->getStartLine()];
        }
    }
}

$root = realpath($argv[1]);
$parser = (new ParserFactory())->create(ParserFactory::PREFER_PHP7);
$files = [];
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root)) as $file) {
    if ($file->getExtension() === 'php') {
        $path = substr($file->getPathname(), strlen($root) + 1);
        $names = new Names();
        $traverser = new NodeTraverser();
        $traverser->addVisitor(new NameResolver(null, ['replaceNodes' => false]));
        $traverser->addVisitor($names);
        try {
            $traverser->traverse($parser->parse(file_get_contents($file->getPathname())) ?? []);
            $files[$path] = $names;
        } catch (PhpParser\Error $error) {
            fwrite(STDERR, "$path: {$error->getMessage()}\n");
        }
    }
}
ksort($files);
$home = [];
foreach ($files as $path => $names) {
    foreach ($names->declared as $each) {
        $home[$each][] = $path;
    }
}
$lines = [];
foreach ($files as $path => $names) {
    foreach ($names->used as [$what, $candidates, $line]) {
        foreach ($candidates as $full) {
            $targets = $home["$what:" . ($what === 'const' ? $full : strtolower($full))] ?? [];
            foreach ($targets as $target) {
                if ($target !== $path) {
                    $lines["$path\t$target"][$line] = true;
                }
            }
            if ($targets) {
                break;
            }
        }
    }
}
ksort($lines);
$edges = [];
foreach ($lines as $pair => $at) {
    [$source, $target] = explode("\t", $pair);
    $at = array_keys($at);
    sort($at);
    $edges[] = compact('source', 'target') + ['lines' => $at, 'required' => true];
}
echo json_encode([
    'language' => 'php',
    'method' => 'nikic/php-parser, names resolved; PHP ' . PHP_VERSION,
    'files' => array_keys($files),
    'edges' => $edges,
], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES), "\n";
