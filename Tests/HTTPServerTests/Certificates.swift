/// Certificates for the tests, valid for decades; nothing outside trusts them.
enum Certificates {
  /// Signs the two below.
  static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBfDCCASGgAwIBAgIUY5qAbuWhx0cb/A72+QvoxRBbtvIwCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjYwMjAzMzBaGA8yMDgxMDgyOTAy
    MDMzMFowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
    A0IABAqCQGWbrgvEH/1WBp0xeDVN7rDzxMOogRQjLVb01O9LQQoVKLI7PhTdmAUV
    7msfd+IaC41/F5kIknT5OBLOmN2jUzBRMB0GA1UdDgQWBBSK5Ng51EMcQxob7mtR
    GzEVEzMufTAfBgNVHSMEGDAWgBSK5Ng51EMcQxob7mtRGzEVEzMufTAPBgNVHRMB
    Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCNP8wDDplHoA8sHaqgkDQ04SF3
    2tZvmx+nvtRszo3anwIhAM/cAsoy76R0djOdyDTcGVbLocdqZ/8yCL58lfWOEIU9
    -----END CERTIFICATE-----

    """

  /// For `localhost` and 127.0.0.1.
  static let server = """
    -----BEGIN CERTIFICATE-----
    MIIBdDCCARugAwIBAgIBAjAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdUZXN0IENB
    MCAXDTI2MTEyNjAyMDMzMFoYDzIwODEwODI5MDIwMzMwWjAUMRIwEAYDVQQDDAls
    b2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARBMYf50ZN0Qlpo0SGY
    hNJeIbdhmrLhxkLWCRTzP0yAITrU7zaWozYFY0zfgeNPzepZRg+Q+uvaUbQvFT3Q
    Tj2fo14wXDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFCHj
    f8xk1kSn2yKJ51cZoRvK8lCzMB8GA1UdIwQYMBaAFIrk2DnUQxxDGhvua1EbMRUT
    My59MAoGCCqGSM49BAMCA0cAMEQCIGDaozIJumYX6W4jIJ8P9g0SeHjwr3Q/140s
    /NajvGStAiAPr0I0m1gb+AJ2SfH30mR6rJJkVrw2Zzi2YWV9d0U8cw==
    -----END CERTIFICATE-----

    """

  /// Of `server`.
  static let serverKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLgcR6BFpdB+6APJ4
    5QoC7MRUypO8C/lts1iJ9o4Np+WhRANCAARBMYf50ZN0Qlpo0SGYhNJeIbdhmrLh
    xkLWCRTzP0yAITrU7zaWozYFY0zfgeNPzepZRg+Q+uvaUbQvFT3QTj2f
    -----END PRIVATE KEY-----

    """

  /// A client that the authority knows.
  static let client = """
    -----BEGIN CERTIFICATE-----
    MIIBDDCBtAIBAzAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdUZXN0IENBMCAXDTI2
    MTEyNjAyMDMzMFoYDzIwODEwODI5MDIwMzMwWjASMRAwDgYDVQQDDAdnYXRld2F5
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAESGjJLrWD8YsQm0OZFiiAq3zot/vd
    Ycp3POq2o3JMmHBkW1MaoGNKX2TeTVfyviJV6FU3XZcflCkui+CQy8fWCzAKBggq
    hkjOPQQDAgNHADBEAiA0l93SthqIzerN5X55way092W9NdCqaPYiERrv0l5LZwIg
    AaDPhTQLKJCVv8ZpxuK5O36WjTMT3cI5eTqjCS4Ui18=
    -----END CERTIFICATE-----

    """

  /// Of `client`.
  static let clientKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDOmUHV0eWu0AQrR0
    LfQFLmSG2s/jEE70/Rg0cbiMPwmhRANCAARIaMkutYPxixCbQ5kWKICrfOi3+91h
    ync86rajckyYcGRbUxqgY0pfZN5NV/K+IlXoVTddlx+UKS6L4JDLx9YL
    -----END PRIVATE KEY-----

    """

  /// A client that signed itself.
  static let stranger = """
    -----BEGIN CERTIFICATE-----
    MIIBejCCASGgAwIBAgIUCWb6gZ/M/tKRvslA2TeLyGT+KNowCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYwMjAzMzBaGA8yMDgxMDgyOTAy
    MDMzMFowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH
    A0IABLWIARNUUk4doA/gZgof3cHLHYjHRwSeEKdtrKm2aqmihF/6oax7VLj0EEpk
    zPvMYwaRC7vjWbO+zW9lf0gsvGyjUzBRMB0GA1UdDgQWBBSRerS2b7xdnXnA+KTt
    YWMYDicxkjAfBgNVHSMEGDAWgBSRerS2b7xdnXnA+KTtYWMYDicxkjAPBgNVHRMB
    Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIEmaan6xFCwpucNowGLrJAjed62T
    CryxGdk9igBmuBKuAiAz5weMSaqByMmnLHOeS23kHKEgc7G+HeVWnvIUsJsbQQ==
    -----END CERTIFICATE-----

    """

  /// Of `stranger`.
  static let strangerKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDMUiJmgIDsjj5jWV
    S4cEbHdnCiFZQXk1m3N7bkmvo3ChRANCAAS1iAETVFJOHaAP4GYKH93Byx2Ix0cE
    nhCnbayptmqpooRf+qGse1S49BBKZMz7zGMGkQu741mzvs1vZX9ILLxs
    -----END PRIVATE KEY-----

    """
}
