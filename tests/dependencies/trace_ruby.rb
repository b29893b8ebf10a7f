# Logs every file that another one loads: `ruby -r ./trace_ruby.rb ...`, to the file in TRACE_OUT.
# A line: source, line, target, separated by tabs; paths as the interpreter resolves them.

module DependencyTrace
  OUT = File.open(ENV.fetch("TRACE_OUT"), "a")

  def self.note(place, target)
    return if place.nil? || target.nil? || !target.end_with?(".rb")
    source = place.absolute_path || place.path
    OUT.puts([source, place.lineno, File.realpath(target)].join("\t")) if File.exist?(target)
    OUT.flush
  end

  def self.found(name)
    kind, path = $LOAD_PATH.resolve_feature_path(name.to_s)
    kind == :rb ? path : nil
  rescue LoadError
    nil
  end

  # The first place that is no part of a loader of Ruby's own.
  def self.caller_place
    caller_locations(2, 12).find do |place|
      !place.path.include?("<internal") && !place.path.end_with?("/kernel_require.rb") &&
        place.path != __FILE__
    end
  end
end

module Kernel
  %i[require load].each do |name|
    original = instance_method(name)
    define_method(name) do |path, *rest|
      target = name == :load ? path.to_s : DependencyTrace.found(path)
      DependencyTrace.note(DependencyTrace.caller_place, target)
      original.bind_call(self, path, *rest)
    end
    private name
  end

  # The original one asks who called it, and must not be told that it was this file.
  def require_relative(path)
    place = caller_locations(1, 1).first
    base = File.expand_path(path.to_s, File.dirname(place.absolute_path || place.path))
    target = File.file?(base) ? base : "#{base}.rb"
    DependencyTrace.note(place, target)
    require(base)
  end
  private :require_relative
end
