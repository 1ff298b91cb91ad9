import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Java's own HTTP client: `java Client.java http|websocket VERSION URL CA [PROXY-PORT]`.
 * Prints what it got, a line each.
 */
final class Client {
    private static final byte[] LARGE = new byte[1_000_000];
    private final HttpClient client;
    private final String site;
    private final List<String> got = new ArrayList<>();

    private Client(String[] arguments) throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder()
            .version(HttpClient.Version.valueOf(arguments[1]))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(20))
            .sslContext(trusting(arguments[3]));
        if (arguments.length > 4) {
            builder.proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[4]))));
        }
        client = builder.build();
        site = arguments[2];
    }

    public static void main(String[] arguments) throws Exception {
        for (int at = 0; at < LARGE.length; at++) {
            LARGE[at] = (byte) (at * 31 + at / 256);
        }
        Client client = new Client(arguments);
        if (arguments[0].equals("http")) {
            client.requests();
        } else {
            client.webSocket();
        }
        client.got.forEach(System.out::println);
        // The client's threads would live on.
        System.exit(0);
    }

    private static SSLContext trusting(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream input = new FileInputStream(file)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(input));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(site + path)).timeout(Duration.ofSeconds(20));
    }

    private void requests() throws Exception {
        show(client.send(to("/headers").header("X-Odd", "a  b").build(), BodyHandlers.ofString()));
        show(client.send(to("/status/404").build(), BodyHandlers.ofString()));
        show(client.send(to("/redirect/302/2").build(), BodyHandlers.ofString()));
        show(client.send(to("/chunked").build(), BodyHandlers.ofString()));
        show(client.send(to("/bytes/10?head").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString()));
        show(client.send(to("/digest?post").POST(BodyPublishers.ofByteArray(LARGE)).build(), BodyHandlers.ofString()));
        BodyPublisher unknownLength = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE));
        show(client.send(to("/digest?stream").PUT(unknownLength).build(), BodyHandlers.ofString()));
        if (client.version() == HttpClient.Version.HTTP_1_1) {
            show(client.send(to("/digest?expect").expectContinue(true).POST(BodyPublishers.ofString("wait")).build(),
                BodyHandlers.ofString()));
        }
        show(client.send(to("/status/204").DELETE().build(), BodyHandlers.ofString()));
        try (InputStream body = client.send(to("/bytes/2000000").build(), BodyHandlers.ofInputStream()).body()) {
            got.add(sha(body.readAllBytes()));
        }
        List<CompletableFuture<HttpResponse<byte[]>>> many = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            many.add(client.sendAsync(to("/bytes/" + (50_000 + number)).build(), BodyHandlers.ofByteArray()));
        }
        for (CompletableFuture<HttpResponse<byte[]>> one : many) {
            got.add(one.get(20, TimeUnit.SECONDS).version() + " " + sha(one.get().body()));
        }
    }

    private void show(HttpResponse<String> response) {
        got.add(response.version() + " " + response.statusCode() + " " + response.uri().getPath() + " " + response.body());
        response.headers().map().forEach((name, values) -> {
            if (!name.equalsIgnoreCase("transfer-encoding") && !name.equalsIgnoreCase("connection")) {
                got.add("  " + name + ": " + values);
            }
        });
    }

    private static String sha(byte[] bytes) throws Exception {
        return bytes.length + " " + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private void webSocket() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = client.newWebSocketBuilder().subprotocols("chat.v1").connectTimeout(Duration.ofSeconds(20))
            .buildAsync(URI.create(site), new Hearing(heard)).get(20, TimeUnit.SECONDS);
        got.add(socket.getSubprotocol());
        for (String text : List.of("hello", "gr\u00fcn ".repeat(300), "x".repeat(70_000))) {
            socket.sendText(text, true).get(20, TimeUnit.SECONDS);
            got.add(heard.poll(20, TimeUnit.SECONDS));
        }
        socket.sendText("in two ", false).get(20, TimeUnit.SECONDS);
        socket.sendText("parts", true).get(20, TimeUnit.SECONDS);
        got.add(heard.poll(20, TimeUnit.SECONDS));
        socket.sendBinary(java.nio.ByteBuffer.wrap(new byte[] {0, -1, 16}), true).get(20, TimeUnit.SECONDS);
        got.add(heard.poll(20, TimeUnit.SECONDS));
        socket.sendPing(java.nio.ByteBuffer.wrap("ping".getBytes())).get(20, TimeUnit.SECONDS);
        got.add(heard.poll(20, TimeUnit.SECONDS));
        socket.sendClose(4001, "done").get(20, TimeUnit.SECONDS);
        got.add(heard.poll(20, TimeUnit.SECONDS));
    }

    /** Collects whole messages. */
    private static final class Hearing implements WebSocket.Listener {
        private final BlockingQueue<String> heard;
        private final StringBuilder text = new StringBuilder();

        private Hearing(BlockingQueue<String> heard) {
            this.heard = heard;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, java.nio.ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            heard.add("binary " + HexFormat.of().formatHex(bytes) + " " + last);
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, java.nio.ByteBuffer data) {
            heard.add("pong " + data.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("close " + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add("error " + error);
        }
    }
}
