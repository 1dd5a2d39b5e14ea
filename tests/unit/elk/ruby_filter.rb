# As much of Logstash's filter ruby as runs a script: event and metadata in, events out, as JSON.
# https://github.com/logstash-plugins/logstash-filter-ruby/blob/v3.1.8/lib/logstash/filters/ruby/script.rb
require "json"

module LogStash
  module Timestamp
    def self.now
      "2026-11-24T12:00:00.000Z"
    end
  end
end

class Event
  def initialize(data, metadata)
    @data = data
    @metadata = metadata
  end

  def get(reference)
    path = reference.scan(/\[([^\[\]]+)\]/).flatten
    (path.first == "@metadata" ? @metadata.dig(*path.drop(1)) : @data.dig(*path))
  end

  def set(reference, value)
    *path, name = reference.scan(/\[([^\[\]]+)\]/).flatten
    path.inject(@data) { |inner, each| inner[each] ||= {} }[name] = value
  end

  def remove(name)
    @data.delete(name)
  end

  def timestamp=(value)
    @data["@timestamp"] = value
  end

  def to_hash
    JSON.parse(@data.to_json)
  end

  def to_json(*)
    @data.to_json
  end
end

context = Object.new
context.instance_eval(File.read(ARGV.fetch(0)), ARGV.fetch(0), 1)
given = JSON.parse($stdin.read)
puts JSON.generate(context.filter(Event.new(given["event"], given["metadata"])))
