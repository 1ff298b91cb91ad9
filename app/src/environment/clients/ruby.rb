# Ruby leaves hosts on loopback out, whatever no_proxy says. The user's own exclusions stay.
require 'uri'

class URI::Generic
  without_dashcam = instance_method(:find_proxy)
  define_method(:find_proxy) do |env = ENV|
    found = without_dashcam.bind(self).call(env)
    next found if found || !%w[http https].include?(scheme) || hostname.nil?
    excluded = env['no_proxy'].to_s.downcase.split(/[\s,]+/)
    name = hostname.downcase
    next nil if excluded.any? do |entry|
      suffix = entry.sub(/\A\*?\./, '')
      entry == '*' || suffix == name || entry == "#{name}:#{port}" || name.end_with?(".#{suffix}")
    end
    proxy = env["#{scheme}_proxy"]
    proxy.nil? || proxy.empty? ? nil : URI.parse(proxy)
  end
end
