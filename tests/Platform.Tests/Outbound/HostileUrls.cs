using Platform.Outbound;
using Xunit;

namespace Platform.Tests.Outbound;

/// <summary>URLs that a customer may send and nobody may call, with what is wrong with each.</summary>
internal static class HostileUrls
{
    /// <summary>Names that look public, and where an attacker's server points them.</summary>
    public static readonly (string Host, string[] Addresses)[] Names =
    [
        ("localhost", ["127.0.0.1"]),
        ("localhost.", ["127.0.0.1"]),
        ("loopback.example", ["127.0.0.1"]),
        ("half.example", ["93.184.215.14", "10.0.0.5"]),
        ("six.example", ["2606:2800:21f:cb07::1", "::1"]),
        ("mapped.example", ["::ffff:93.184.215.14"]),
        ("metadata.google.internal", ["169.254.169.254"]),
        ("127.0.0.1.", ["127.0.0.1"]),
        ("0x7f000001.", ["127.0.0.1"]),
        ("127.0.0.1.nip.example", ["127.0.0.1"]),
        ("xn--lcalhost-n4a", ["127.0.0.1"]),
        ("xn--bcher-kva.example", ["192.168.0.9"]),
        ("empty.example", []),
        ("[::]", ["::"]),
        ("good.example", ["93.184.215.14"]),
    ];

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var (fault, urls) in Table)
            {
                foreach (var url in urls)
                {
                    all.Add(url, fault.ToString());
                }
            }

            return all;
        }
    }

    /// <summary>Those that .NET takes for URLs, so that a caller could send them unchecked.</summary>
    public static TheoryData<string> Callable => [.. All.Select(row => row.Data.Item1).Where(url => Uri.TryCreate(url, UriKind.Absolute, out _))];

    private static (OutboundFault Fault, string[] Urls)[] Table =>
    [
        (OutboundFault.Address, SpelledLoopback),
        (OutboundFault.Address, PrivateIpv4),
        (OutboundFault.Address, PrivateIpv6),
        (OutboundFault.Address, PrivateNames),
        (OutboundFault.Unresolved,
        [
            "http://nowhere.example/", "http://empty.example/", "http://①②⑦.⓪.⓪.①/", "http://169.254.169.254.evil.example/",
            "http://256.256.256.256/", "http://0x100000000/", "http://-/", "http://lócalhost/",
        ]),
        (OutboundFault.Scheme,
        [
            "", "ftp://good.example/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "javascript:alert(1)", "//good.example/x",
            "good.example/x", "data:audio/wav;base64,AAAA", "http:good.example", "http:/good.example/", "unix:///var/run/docker.sock",
            "dict://127.0.0.1:11211/stat", "ws://good.example/", "hhttp://good.example/",
        ]),
        (OutboundFault.Credentials,
        [
            "http://user:secret@good.example/", "http://user@good.example/", "http://@good.example/", "https://good.example@127.0.0.1/",
            "http://good.example%40:x@127.0.0.1/", "http://:@good.example/", "http://127.0.0.1:80@good.example/",
        ]),
        (OutboundFault.Port,
        [
            "http://good.example:22/", "https://good.example:8443/", "http://good.example:6379/", "http://93.184.215.14:25/",
            "http://good.example:81/", "https://good.example:65535/",
        ]),
        (OutboundFault.Malformed,
        [
            "http://good.example\\@127.0.0.1/", "http:\\\\127.0.0.1\\", "http://127.0.0.1\\.good.example/", "http://good.example/\r\nHost: 127.0.0.1",
            "http://good.example/a b", " http://good.example/", "http://good.example/\u0000", "http://good\t.example/", "http://good.example\n/",
            "http://", "http://:80/", "http://good.example:99999/", "http://good.example:-1/", "http://[::1/", "http://[1:2:3/", "http://?x",
            "http://good.example:80:80/", "http://127.0.0.%31/", "http://loopback%2Eexample/", "http://a..b/",
            "http://good.example/\u007f", "http://good.example/\u2028x", "https:///etc/passwd",
        ]),
    ];

    private static string[] SpelledLoopback =>
    [
        "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
        "http://0177.0.0.1/", "http://017700000001/", "http://0x7f.1/", "http://127.00.00.01/", "http://0177.0x0.0.1/", "HTTP://127.0.0.1/",
        "http://127.0.0.1./", "http://0x7f000001./", "http://127.255.255.254/", "http://127.0.0.1:443/", "http://127.0.0.1#.good.example/",
        "http://127.0.0.1?.good.example/", "http://[::1]x/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::0001]:80/",
        "http://[::127.0.0.1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:0:127.0.0.1]/",
        "http://[::1%25lo]/", "http://127.0.0.1:80/", "https://127.0.0.1/#@good.example/",
    ];

    private static string[] PrivateIpv4 =>
    [
        "http://0.0.0.0/", "http://0/", "http://10.0.0.1/", "http://10.255.255.255/", "http://100.64.0.1/", "http://100.127.255.254/",
        "http://100.100.100.200/", "http://169.254.169.254/latest/meta-data/", "http://0xa9fea9fe/", "http://2852039166/", "http://172.16.0.1/",
        "http://172.31.255.255/", "http://192.0.0.192/", "http://192.0.2.1/", "http://192.88.99.1/", "http://192.168.1.1/", "http://3232235777/",
        "http://198.18.0.1/", "http://198.19.255.255/", "http://198.51.100.7/", "http://203.0.113.9/", "http://224.0.0.1/",
        "http://239.255.255.250/", "http://240.0.0.1/", "http://255.255.255.255/", "http://168.63.129.16/",
    ];

    private static string[] PrivateIpv6 =>
    [
        "http://[::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[febf::1]/", "http://[fec0::1]/", "http://[fc00::1]/",
        "http://[fd00:ec2::254]/", "http://[fdff::1]/", "http://[ff02::1]/", "http://[ff0e::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/",
        "http://[2001::1]/", "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "http://[2001:2::1]/", "http://[2001:10::1]/",
        "http://[2002:7f00:1::]/", "http://[2002:c0a8:101::1]/", "http://[2002:5db8:d70e::1]/", "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b::10.1.2.3]/", "http://[64:ff9b:1::93.184.215.14]/", "http://[100::1]/",
        "http://[::ffff:93.184.215.14]/", "http://[::ffff:10.0.0.1]/", "http://[5f00::1]/", "http://[4000::1]/", "http://[3ffe::1]/",
        "http://[2606:2800:21f:cb07::1%251]/",
    ];

    private static string[] PrivateNames =>
    [
        "http://localhost/", "http://LOCALHOST/", "http://localhost./", "https://loopback.example/", "http://half.example/",
        "http://six.example/", "http://mapped.example/", "http://metadata.google.internal/computeMetadata/v1/",
        "http://127.0.0.1.nip.example/", "http://bücher.example/", "http://xn--bcher-kva.example/",
    ];
}
