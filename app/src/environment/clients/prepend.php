<?php
// Streams (file_get_contents, copy, SoapClient) through the proxy of the environment. In a function, so that no
// variable is left to the program.
(function () {
    $proxy = parse_url((string) getenv('HTTPS_PROXY'));
    if (empty($proxy['host']) || empty($proxy['port'])) {
        return;
    }
    $http = ['proxy' => "tcp://{$proxy['host']}:{$proxy['port']}", 'request_fulluri' => true];
    if (isset($proxy['user'])) {
        $pair = rawurldecode($proxy['user']) . ':' . rawurldecode($proxy['pass'] ?? '');
        $http['header'] = 'Proxy-Authorization: Basic ' . base64_encode($pair);
    }
    stream_context_set_default(['http' => $http]);
})();
